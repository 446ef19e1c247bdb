"""The studies of the laboratory, and the records of theirs that are kept."""

from __future__ import annotations

import json
from importlib import import_module

import mxnet as mx
import numpy
import pytest
from mxnet import np
from mxnet.gluon import Trainer, nn

import d2l_bn
from d2l_bn.experiments import load, studies
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.results_folder import checkout_results
from d2l_bn.experiments.runner import MADE_DATA, REAL_DATA, run_study
from d2l_bn.experiments.studies import (
    early_stopping,
    find_study,
    gates,
    landscape,
    last_batch,
    orders,
    regularization,
    regularizers,
    study_names,
)
from d2l_bn.experiments.study import small


def run(name, changes=None, *, examples=300, seed=0, **fields):
    """How it ended, and the measures, of the first case with these fields, run small."""
    records = [{"case": case, "seed": seed} for case, _ in find_study(name).plan([seed])]
    case = {**small(load.select(records, **fields)[0]["case"], examples), **(changes or {})}
    outcome, measures = find_study(name).run(case, seed, "synthetic")
    measures = json.loads(json.dumps(measures))
    measures.pop("seconds_by_epoch", None)
    return outcome, measures


@pytest.mark.parametrize("name", study_names())
def test_the_records_that_are_kept_are_those_of_the_plan_on_real_data(name):
    study, records = find_study(name), read_records(checkout_results() / f"{name}.jsonl")
    plan = study.plan()
    made = [(record["case"], record["seed"]) for record in records]
    assert len(made) == len(plan) and all(run in made for run in plan)
    assert {record["study"] for record in records} == {study.name} == {name}
    data = MADE_DATA if study.makes_data else REAL_DATA
    assert {(record["size"], record["data"]) for record in records} == {("full", data)}
    assert all(record["environment"]["mxnet"] == "1.9.1" for record in records)


def test_nothing_else_is_kept():
    names = {path.name for path in checkout_results().rglob("*") if path.is_file()}
    assert names == {
        *(f"{name}.jsonl" for name in study_names()),
        *("benchmark.json", "chapter.svg", "chapter.png"),
    }
    text = (checkout_results() / "benchmark.json").read_text()
    assert text.count('"data": "Fashion-MNIST (') == text.count('"data":') > 0


@pytest.mark.parametrize("name", study_names())
def test_a_study_can_be_run_and_measures_what_its_records_hold(name):
    study = find_study(name)
    case, seed = study.plan(study.seeds[:1])[-1]
    outcome, measures = study.run(small(case, 200), seed, "synthetic")
    assert outcome in ("finished", "diverged")
    assert json.loads(json.dumps(measures)) == measures
    (kept,) = [r for r in load.records(name) if (r["case"], r["seed"]) == (case, seed)]
    if outcome == kept["outcome"] == "finished" and name != "variance_shift":
        assert set(kept["measures"]) <= set(measures)
    three = [seed for seed in study.seeds if case in [c for c, _ in study.plan([seed])]]
    tuned = hasattr(import_module(f"{studies.__name__}.{name}"), "CHOSEN")  # others: fewer seeds
    assert len(three) >= 3 or tuned or name in ("chapter", "hyperparameter_search")


@pytest.mark.parametrize(
    "study, arm, setting",
    [(regularizers, ("regularizer",), ("lr", "strength")), (gates, ("cell", "norm"), ("lr",))],
)
def test_what_was_chosen_was_best_on_validation_images(study, arm, setting):
    tried = [r for r in load.records(study.STUDY.name) if r["seed"] < study.TUNING_SEEDS]
    found: dict = {}
    for record in tried:
        name, values = (tuple(record["case"][f] for f in fields) for fields in (arm, setting))
        sums = found.setdefault(name, {})
        sums[values] = sums.get(values, 0) + record["measures"].get("validation_accuracy", 0.1)
    best = {name: max(sums, key=sums.get) for name, sums in found.items()}
    one = {
        name if len(arm) > 1 else name[0]: v if len(setting) > 1 else v[0]
        for name, v in best.items()
    }
    assert one == study.CHOSEN
    for name, sums in found.items():
        rates = [values[0] for values in sums]
        assert min(rates) < best[name][0] < max(rates)


def test_population_each_number_is_what_its_name_says():
    _, measures = run("population", {"epochs": 2, "population_batches": 1}, seed=4)
    train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data="synthetic", limit=300, seed=4)
    net = d2l_bn.lenet()
    net.hybridize()
    options = {"epochs": 2, "seed": 4, "weigh_alike": "examples", "recalibrate": False}
    history = d2l_bn.train(net, train_iter, test_iter, **options)
    last = {name: values[-1] for name, values in measures.items()}
    assert last["loss_by_epoch"] == history.last.loss  # measuring has changed nothing
    assert last["test_accuracy_moving_by_epoch"] == history.last.test_accuracy
    by_batch = d2l_bn.evaluate(net, test_iter, batch_statistics=True)
    assert last["test_accuracy_batch_by_epoch"] == by_batch != history.last.test_accuracy
    train_iter.epoch = 2
    d2l_bn.recalibrate(net, train_iter, batches=1)
    assert last["test_accuracy_population_by_epoch"] == d2l_bn.evaluate(net, test_iter)


def test_the_divisor_of_the_last_batch_sets_the_length_of_its_step():
    X, y = np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([0, 1])
    moves = []
    for divisor in (2, 8):
        net = nn.Dense(2)
        net.initialize(force_reinit=True)
        net(X)
        net.weight.set_data(np.zeros((2, 2)))
        trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
        last_batch.step(net, trainer, X, y, divisor)
        moves.append(net.weight.data())
    assert np.abs(moves[0]).max() > 0.1 and np.allclose(moves[0], 4 * moves[1])
    # both steps start from the same weights: where the divisor is the same, they agree
    _, measures = run("last_batch", {"batch_size": 300})
    kinds = ("before", "divided_by_256", "divided_by_its_size")
    before, first, second = (measures[f"test_accuracy_moving_by_epoch/{kind}"] for kind in kinds)
    assert first == second != before and measures["images_by_epoch"] == [300]


def test_inspection_sees_vanishing_gradients_and_relus_that_are_half_off():
    measures = {
        (activation, norm): run("inspection", activation=activation, norm=norm)[1]
        for activation in ("sigmoid", "relu")
        for norm in (None, "gluon")
    }
    ratio = {
        key: seen["start"]["gradient_norm"]["conv1"] / seen["start"]["gradient_norm"]["output"]
        for key, seen in measures.items()
    }
    assert ratio["sigmoid", None] < 0.1 < ratio["sigmoid", "gluon"]
    assert all(0.4 < v < 0.6 for v in measures["relu", "gluon"]["start"]["saturated"].values())
    for (_, norm), seen in measures.items():
        assert ("restored" in seen) == (norm is not None)


def test_dropout_shifts_the_variance_as_the_formula_says():
    changes = {"epochs": 2, "batch_size": 32, "examples": 320}
    _, measures = run("variance_shift", changes, dropout_where="before each BN", rate=0.5)
    first = measures["variance_ratio/norm1"]
    assert first == pytest.approx(measures["expected_variance_ratio/norm1"], rel=0.05)
    assert measures["variance_ratio/norm4"] < first < 0.6  # the shifts multiply
    _, measures = run("variance_shift", changes, dropout_where="none")
    assert measures["variance_ratio/norm4"] == pytest.approx(1, abs=0.1)


def test_lengths_of_decay_and_of_the_growing_rate():
    changes = {"epochs": 2, "examples": 192}
    decayed, grown = (
        run("weight_decay", changes, norm="gluon", weight_decay=0.03, way=way)[1]
        for way in ("decay", "growing rate")
    )
    assert decayed["steps"] == grown["steps"] == [0, 3, 6]
    lengths = (seen["weight_norm/dense1"] for seen in (decayed, grown))
    for step, short, long in zip(decayed["steps"], *lengths):
        assert long / short == pytest.approx(0.997**-step, rel=1e-4)


def test_a_curriculum_differs_from_its_reverse_in_the_first_epoch_alone():
    batches, _ = d2l_bn.load_fashion_mnist(30, data="synthetic", limit=300, seed=1)
    easy, hard = (orders.in_order(batches, f"{which} first", seed=1) for which in ("easy", "hard"))
    first, last = set(easy.order(0)[:60]), set(hard.order(0)[-60:])
    assert first == last != set(easy.order(0)[-60:])
    numpy.testing.assert_array_equal(easy.order(1), hard.order(1))
    assert set(easy.order(1)[:60]) != first


def test_wrong_labels_are_as_many_as_was_said_and_no_new_ones():
    labels = numpy.arange(100, dtype="uint8") % 10
    wrong = early_stopping.mislabelled(labels, 0.3, seed=0)
    assert (wrong != labels).sum() == 30 and wrong.max() < 10


def test_regularization_orders_of_the_examples():
    batches, _ = d2l_bn.load_fashion_mnist(8, data="synthetic", limit=400, seed=1)
    fixed = regularization.ordered(batches, "fixed")
    numpy.testing.assert_array_equal(fixed.order(0), batches.order(0))
    numpy.testing.assert_array_equal(fixed.order(0), fixed.order(5))
    assert (batches.order(0) != batches.order(5)).any()
    assert regularization.ordered(batches, None) is batches

    one_class = regularization.ordered(batches, "one class")
    pure = [len(set(y.tolist())) == 1 for _, y in one_class]
    assert pure[:40] == [True] * 40  # of 50; each class leaves at most 7 of its examples over
    order = regularization.one_class_batches(batches, 1)
    assert sorted(order) == list(range(400)) and (order != one_class.order(0)).any()
    labels = batches.labels[order][:320:8].astype(int)
    assert (numpy.diff(labels) < 0).any()  # the classes are mixed, not one after the other


def test_recurrent_the_scale_reaches_the_first_weights():
    (_, small_scale), (_, large_scale) = (run("recurrent", scale=s, norm=None) for s in (1, 4))
    assert small_scale["loss_by_epoch"] != large_scale["loss_by_epoch"]


@pytest.mark.parametrize("network", ["none", "noisy"])
def test_landscape_measuring_changes_nothing_in_the_training(network, monkeypatch):
    of = {"activation": "relu", "network": network, "lr_factor": 1, "examples": 64}
    monkeypatch.setattr(landscape, "IN_DETAIL", (network,))
    _, often = run("landscape", {"batch_size": 16, "every": 1}, **of)
    monkeypatch.setattr(landscape, "IN_DETAIL", ())
    _, rarely = run("landscape", {"batch_size": 16, "every": 4}, **of)
    assert often["step"] == [0, 1, 2, 3] and rarely["step"] == [0]
    assert numpy.mean(often["loss_between_looks"]) == pytest.approx(rarely["final_loss"], rel=1e-4)
    accuracy = {name for name in often if name.startswith("test_accuracy")}
    assert [often[name] for name in accuracy] == [rarely[name] for name in accuracy]
    assert numpy.ptp(often["loss_between_looks"]) > 0


def test_landscape_what_is_measured_is_the_step_that_is_taken():
    """The loss of a batch before its step is that of the landscape at that place, and so on."""
    changes = {"batch_size": 16, "every": 1, "power_iterations": 1}
    _, seen = run("landscape", changes, activation="relu", network="none", lr_factor=1)
    assert seen["batch_loss"] == pytest.approx(seen["loss_between_looks"], rel=1e-3)
    assert len(seen["losses_along_gradient"][0]) == 5
    assert seen["curvature_step"] == [0, 3] and len(seen["largest_eigenvalue"]) == 2
    norms = [seen[f"layer_gradient_norm/{name}"][0] for name in ("conv1", "output")]
    assert 0 < max(norms) < seen["gradient_norm"][0]
    assert min(seen["moment_shift/act1"]) > 0
    assert set(seen) >= {f"gradient_cosine/{name}" for name in ("conv2", "dense1", "output")}


def test_landscape_a_run_that_diverges_is_a_result():
    changes = {"batch_size": 16, "lr": 1e30}
    outcome, seen = run("landscape", changes, activation="relu", network="none", lr_factor=3)
    assert outcome == "diverged" and "test_accuracy_moving" not in seen
    assert seen["final_loss"] is None  # not NaN, which is no JSON


def test_deep_initialization_depends_on_its_seed_alone():
    first = run("deep_initialization", rule="he", norm=None)
    mx.random.seed(9)
    assert run("deep_initialization", rule="he", norm=None) == first


NEW_STUDY = """
from d2l_bn.experiments.study import FINISHED, Study


def run(case, seed, data):
    return FINISHED, {"sum": case["number"] + seed}


STUDY = Study("adding", "What is the sum?", [{"number": 1}, {"number": 2}], run)
"""


def test_adding_a_study_is_adding_a_file(tmp_path, monkeypatch):
    (tmp_path / "adding.py").write_text(NEW_STUDY)
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])
    assert "adding" in studies.study_names()
    path = run_study(studies.find_study("adding"), tmp_path / "out", data="synthetic")
    sums = [load.by_seed(read_records(path), "sum", number=number) for number in (1, 2)]
    assert sums == [{0: 1, 1: 2, 2: 3}, {0: 2, 1: 3, 2: 4}]
    with pytest.raises(ValueError, match="no study 'add'; expected one of activations, adding"):
        studies.find_study("add")


def test_saturation_what_is_interfered_with():
    of = {"norm": None, "batch_size": 64, "lr": 1.0}
    ways = (None, "held", "slow", "slow, shifted")
    free, held, slow, both = (run("saturation", interfered=way, **of)[1] for way in ways)
    assert free["mean/act4"][0] == held["mean/act4"][0]  # the same network and images
    assert held["mean/act4"][-1] == pytest.approx(-1.5, abs=0.1) != free["mean/act4"][-1]
    moved = [abs(seen["mean/act4"][-1] - seen["mean/act4"][0]) for seen in (free, slow)]
    assert moved[1] < 0.3 * moved[0]
    shifted = run("saturation", interfered="shifted")[1]
    for seen in (both, shifted):
        assert seen["mean/act4"][0] == pytest.approx(free["mean/act4"][0] - 3.4, abs=0.1)
        assert seen["saturated/act4"][0] > 0.5 and free["saturated/act4"][0] == 0.0


@pytest.mark.parametrize("places", [[1], [2], [3], [4]])
def test_saturation_one_batch_norm_widens_the_differences_behind_it(places):
    fields = {"interfered": None, "batch_size": 64, "lr": 1.0}
    _, plain = run("saturation", norm=None, **fields)
    _, seen = run("saturation", norm="gluon", places=tuple(places), **fields)
    last = f"act{places[0]}"
    assert seen[f"spread/{last}"][0] > 2 * plain[f"spread/{last}"][0]
    assert seen["spread/act4"][0] > 2 * plain["spread/act4"][0]
