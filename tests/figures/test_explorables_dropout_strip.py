"""Dropout and variance: node's formula is the package's, and the page shows it."""

from __future__ import annotations

import javascript
import numpy
import pytest
from mxnet import np, npx
from mxnet.gluon import nn

from d2l_bn.diagnostics.dropout_variance import dropout_variance
from d2l_bn.diagnostics.variance_shift import variance_shift
from d2l_bn.figures.explorables.folder import folder, read_json

NAME = "dropout_strip"
MATH = f"{NAME}/math.js"
DATA = read_json(folder(NAME) / "data.json")
WEIGHT = DATA["weight"]


def state(place, p=0.5, ratio=1.0, correlation=0.5):
    return {"p": p, "ratio": ratio, "correlation": correlation, "place": place}


def variances(*states):
    return javascript.call(MATH, *[("variances", one, WEIGHT) for one in states])


def exact(ratio, correlation, count=64):
    """Inputs (64, 8) whose means, variances and correlations are exactly as asked."""
    Z = numpy.random.RandomState(0).randn(count, len(WEIGHT))
    Z, _ = numpy.linalg.qr(Z - Z.mean(axis=0))
    wanted = numpy.full((8, 8), correlation) + (1 - correlation) * numpy.eye(8)
    return ratio**0.5 + numpy.sqrt(count) * Z @ numpy.linalg.cholesky(wanted).T


@pytest.mark.parametrize("p, ratio, correlation", [(0.5, 1, 0.5), (0.2, 0, 0), (0.9, 5.8, 0.9)])
def test_the_variances_are_the_package_s(p, ratio, correlation):
    X = exact(ratio, correlation)
    dense = nn.Dense(1, in_units=8)
    dense.initialize()
    dense.weight.set_data(np.array([WEIGHT]))
    before, behind = variances(*(state(at, p, ratio, correlation) for at in ("before", "behind")))
    single = np.array(X, dtype="float32")
    added = dropout_variance(single[:, :1], p), dropout_variance(single, p, dense)
    numpy.testing.assert_allclose(before["added"], added[0].item(), rtol=1e-5)
    numpy.testing.assert_allclose(behind["added"], added[1].item(), rtol=1e-5)
    sums = X @ WEIGHT
    found = [before["kept"], behind["kept"], behind["mean"]]
    exactly = [X[:, 0].var(), sums.var(), sums.mean()]
    numpy.testing.assert_allclose(found, exactly, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("place", ["before", "behind"])
def test_the_share_is_what_the_package_measures_in_a_network(place):
    npx.random.seed(0)
    common, own = np.random.normal(size=(20000, 1)), np.random.normal(size=(20000, 8))
    X = 1 + (common + own) / 2**0.5  # correlation one half
    net = nn.Sequential()
    net.add(nn.Dropout(0.5))
    if place == "behind":
        net.add(nn.Dense(1, in_units=8))
    net.add(nn.BatchNorm(in_channels=1))
    net.initialize()
    if place == "behind":
        net[1].weight.set_data(np.array([WEIGHT]))
    (shift,) = variance_shift(net, [X]).values()
    (found,) = variances(state(place))
    assert shift.expected_ratio == pytest.approx(found["share"], rel=0.03)
    assert shift.ratio == pytest.approx(found["share"], rel=0.05)


def test_the_dots_are_dropped_as_gluon_drops():
    """150 of them: their means and variances are near the formula's, none where nothing drops."""
    for place, p in (("before", 0.5), ("behind", 0.3)):
        one = state(place, p)
        X, found = javascript.call(MATH, ("inputs", DATA, one), ("variances", one, WEIGHT))
        calls = [("entering", X, DATA["chance"], WEIGHT, one, mode) for mode in (True, False)]
        training, prediction = (numpy.array(v) for v in javascript.call(MATH, *calls))
        assert training.var() == pytest.approx(found["kept"] + found["added"], rel=0.25)
        assert prediction.var() == pytest.approx(found["kept"], rel=0.25)
        if place == "before":
            gone = numpy.array(DATA["chance"])[:, 0] < p
            assert (training[gone] == 0).all()
            numpy.testing.assert_allclose(training[~gone], prediction[~gone] / (1 - p))


def test_what_the_figure_proves():
    """A mean makes the shift worse, a common part of a dense layer's inputs makes it milder."""
    centred, mean, behind, common, last = variances(
        state("before", ratio=0),
        state("before", ratio=4),
        state("behind", ratio=4, correlation=0),
        state("behind", ratio=4, correlation=0.9),
        state("last", ratio=4),
    )
    assert 1 / centred["share"] == pytest.approx(2) and 1 / mean["share"] == pytest.approx(6)
    assert behind["share"] == pytest.approx(mean["share"], rel=1e-3)
    assert common["share"] > 2 * behind["share"]
    assert last["share"] == 1


def dots(page):
    return [dot.get_attribute("cx") for dot in page.all("svg circle")]


@pytest.mark.parametrize("kind", ["mouse", "touch"])  # a finger would scroll the page
def test_dragging_the_mean(figure_page, kind):
    page = figure_page(NAME)
    assert "In training a variance of 3.00 comes in, in prediction one of 1.00" in page.says
    assert "behind BN, in prediction: variance 0.33" in page.drawn
    before = dots(page)
    assert len(before) == 450
    width = page.one("[role=slider]").size["width"]
    page.drag(page.one("[role=slider]"), width / 9.5, 0, kind=kind)  # by 1
    mean = float(page.one("[role=slider]").get_attribute("aria-valuenow"))
    assert mean == pytest.approx(2, abs=0.05)
    assert f"x, before dropout: mean {mean:.2f}, variance 1" in page.drawn
    left = 1 / (1 + 1 + mean**2)
    assert f"{100 * left:.0f} % of the variance is left" in page.says
    after = dots(page)
    assert all(float(a) > float(b) for a, b in zip(after[:150], before[:150]))


def test_places_and_the_cure(figure_page):
    page = figure_page(NAME, ratio=4.0)
    assert "17 % of the variance" in page.says and "○ dropped" in page.drawn
    page.button("dropout → dense → BN").click()
    behind = int(page.says.split(" % of")[0].split()[-1])
    assert behind > 17
    page.slide("correlation", 0)
    assert "17 % of the variance" in page.says
    page.button("recalibrate without dropout").click()
    assert "all of it is left" in page.says
    assert "behind BN, in prediction: variance 1.00" in page.drawn
    page.button("dropout behind the last BN").click()
    assert "Nothing is shifted" in page.says
    page.button("dropout → BN").click()
    page.slide("p", 0)
    assert "Nothing is dropped" in page.says


def test_where_x_comes_from_by_keyboard_and_shared(figure_page):
    page = figure_page(NAME)
    page.button("from BN and a sigmoid").click()
    assert "13 % of the variance is left" in page.says
    page.button("centred").click()
    assert "50 % of the variance is left" in page.says
    page.driver.execute_script("arguments[0].focus()", page.one("[role=slider]"))
    page.keys("\ue014", shift=True)  # right by five tenths
    assert page.one("input[name=ratio]").get_attribute("aria-valuetext") == "0.3"  # 0.25
    page.keys("\ue004")
    assert page.focused() == "rate of dropout, p"
    assert page.address == f"{NAME}:ratio=0.25"
    says = page.says
    assert figure_page(NAME, address=f"#{page.address}").says == says
