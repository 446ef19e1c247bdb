"""Update rules: the first steps by hand, fifty in parity with MXNet, properties of each."""

import mxnet as mx
import numpy as np
import pytest

from d2l_bn.descent import (
    AdaDelta,
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    descend,
    ramp,
)
from d2l_bn.descent.surfaces import Quadratic

BOWL = Quadratic(eigenvalues=(1.0, 20.0))
OPTIMIZER = mx.optimizer
PAIRS = {
    "sgd": (GradientDescent(0.04), OPTIMIZER.SGD(learning_rate=0.04)),
    "momentum": (Momentum(0.04, 0.9), OPTIMIZER.SGD(learning_rate=0.04, momentum=0.9)),
    "nesterov": (Nesterov(0.04, 0.9), OPTIMIZER.NAG(learning_rate=0.04, momentum=0.9)),
    "adagrad": (AdaGrad(0.5), OPTIMIZER.AdaGrad(learning_rate=0.5)),
    "adagrad, large eps": (AdaGrad(0.5, eps=2.0), OPTIMIZER.AdaGrad(learning_rate=0.5, eps=2.0)),
    "rmsprop": (RMSProp(0.05), OPTIMIZER.RMSProp(learning_rate=0.05)),
    "rmsprop, large eps": (
        RMSProp(0.05, rho=0.7, eps=2.0),
        OPTIMIZER.RMSProp(learning_rate=0.05, gamma1=0.7, epsilon=2.0),
    ),
    "adadelta": (AdaDelta(), OPTIMIZER.AdaDelta()),
    "adadelta, large eps": (AdaDelta(0.7, eps=0.5), OPTIMIZER.AdaDelta(rho=0.7, epsilon=0.5)),
    # MXNet computes 1 - beta2 in float32, which is 1e-5 off: shorter steps, or it shows
    "adam": (Adam(0.02), OPTIMIZER.Adam(learning_rate=0.02)),
    "adam, other betas": (
        Adam(0.1, beta1=0.5, beta2=0.8),
        OPTIMIZER.Adam(learning_rate=0.1, beta1=0.5, beta2=0.8),
    ),
}
RULES = [pair[0] for pair in PAIRS.values()]


@pytest.mark.parametrize("name", PAIRS)
def test_fifty_steps_in_parity_with_mxnet(name):
    rule, theirs = PAIRS[name]
    path = descend(BOWL, rule, (-4, 1), steps=50)
    update = OPTIMIZER.get_updater(theirs)
    theta = mx.np.array([-4.0, 1.0])
    for expected in path.points[1:]:
        update(0, theta * mx.np.array([1.0, 20.0]), theta)
        assert np.allclose(theta.asnumpy(), expected, rtol=0, atol=1e-5)
    assert np.abs(path.points[-1] - path.points[0]).min() > 0.05  # it went somewhere


@pytest.mark.parametrize(
    "ours, theirs",
    [(AdaGrad, "AdaGrad"), (AdaDelta, "AdaDelta"), (RMSProp, "RMSProp"), (Adam, "Adam")],
)
def test_defaults_are_those_of_mxnet(ours, theirs):
    theirs, renamed = getattr(OPTIMIZER, theirs)(), {"eps": "epsilon", "rho": "gamma1"}
    for name, value in vars(ours()).items():
        names = (name, renamed.get(name), "lr" if name == "learning_rate" else "float_stable_eps")
        assert value in [getattr(theirs, n) for n in names if n and hasattr(theirs, n)], name


def test_adam_differs_from_mxnet_only_in_the_place_of_epsilon():
    # one step, gradient 2: m^ = 2, s^ = 4; MXNet's epsilon meets sqrt(s) = sqrt(.004)
    theta, _ = Adam(0.1, eps=1.0).step(np.ones(1), np.full(1, 2.0), (np.zeros(1), np.zeros(1)), 1)
    assert theta[0] == pytest.approx(1 - 0.1 * 2 / (2 + 1))
    update, theirs = OPTIMIZER.get_updater(OPTIMIZER.Adam(0.1, epsilon=1.0)), mx.np.ones(1)
    update(0, mx.np.full((1,), 2.0), theirs)
    assert theirs.item() == pytest.approx(1 - 0.1 * 2 / (2 + 1 / 0.001**0.5), abs=1e-6)


@pytest.mark.parametrize("decay", [0.9, ramp(0.5, 0.9, 10)])
def test_nesterov_is_the_textbook_form_seen_from_the_point_ahead(decay):
    path = descend(BOWL, Nesterov(0.04, decay), (-4, 1), steps=30)
    w, v = np.array([-4.0, 1.0]), np.zeros(2)
    for t in range(1, 31):
        gamma = decay(t) if callable(decay) else decay
        ahead = w - gamma * v
        assert np.allclose(path.points[t - 1], ahead, rtol=0, atol=1e-12)
        v = gamma * v + 0.04 * BOWL.gradient(ahead)
        w = w - v


def test_nesterov_without_memory_is_gradient_descent_and_differs_with_it():
    plain = descend(BOWL, GradientDescent(0.04), (-4, 1), steps=20).points
    assert np.allclose(descend(BOWL, Nesterov(0.04, 0.0), (-4, 1), steps=20).points, plain)
    both = [
        descend(BOWL, kind(0.04, 0.9), (-4, 1), steps=20).points for kind in (Momentum, Nesterov)
    ]
    assert np.abs(both[0] - both[1]).max() > 0.1


def test_adagrad_three_steps_by_hand():
    # gradients 3, 4, 12: s = 9, 25, 169; steps .1 * 3/3, .1 * 4/5, .1 * 12/13
    rule, theta = AdaGrad(0.1, eps=1e-15), np.zeros(1)
    state = rule.start(theta)
    for t, gradient in enumerate((3.0, 4.0, 12.0), start=1):
        theta, state = rule.step(theta, np.array([gradient]), state, t)
    assert theta[0] == pytest.approx(-0.1 * (1 + 4 / 5 + 12 / 13), abs=1e-12)


def test_step_lengths_under_a_constant_gradient():
    def lengths(rule, steps=400):
        theta = np.zeros(1)
        state, points = rule.start(theta), [0.0]
        for t in range(1, steps + 1):
            theta, state = rule.step(theta, np.array([5.0]), state, t)
            points.append(theta[0])
        return -np.diff(points)

    t = np.arange(1, 401)
    assert np.allclose(lengths(AdaGrad(0.1)), 0.1 / np.sqrt(t))  # the rate dies
    assert np.allclose(lengths(Adam(0.1)), 0.1)
    assert np.allclose(lengths(RMSProp(0.1)), 0.1 / np.sqrt(1 - 0.9**t))
    assert np.allclose(lengths(Momentum(0.1, 0.9)), 0.1 * 5 * (1 - 0.9**t) / 0.1)
    grown = lengths(AdaDelta())
    assert grown[0] == pytest.approx((1e-5 / 0.1) ** 0.5, rel=1e-3) and (np.diff(grown) > 0).all()


@pytest.mark.parametrize("rule", [AdaGrad(0.1), RMSProp(0.1), Adam(0.1)])
def test_adaptive_steps_do_not_know_the_scale_of_the_surface(rule):
    small, large = (
        descend(Quadratic((scale, 20 * scale)), rule, (-4, 1), steps=40).points
        for scale in (1.0, 1000.0)
    )
    assert np.allclose(small, large, atol=1e-4)


@pytest.mark.parametrize("rule", RULES, ids=PAIRS)
def test_rules_keep_shape_and_dtype_of_mxnet_arrays_and_leave_the_old_ones_alone(rule):
    theta, gradient = mx.np.ones((2, 3, 4)), mx.np.full((2, 3, 4), 2.0)
    state = rule.start(theta)
    for t in (1, 2):
        new, state = rule.step(theta, gradient, state, t)
    assert isinstance(new, mx.np.ndarray) and new.dtype == "float32" and new.shape == theta.shape
    assert (theta == 1).all().item() and (gradient == 2).all().item() and (new < 1).all().item()


@pytest.mark.parametrize("rule", [Nesterov, AdaGrad, RMSProp, Adam])
@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_learning_rate_is_refused(rule, rate):
    with pytest.raises(ValueError, match="learning_rate is"):
        rule(rate)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Nesterov(0.1, 1.0), "decay is 1.0"),
        (lambda: RMSProp(rho=1.0), "rho is 1.0"),
        (lambda: AdaDelta(rho=-0.1), "rho is -0.1"),
        (lambda: Adam(beta1=1.0), "beta1 is 1.0"),
        (lambda: Adam(beta2=float("nan")), "beta2 is nan"),
        (lambda: Adam(eps=0), "eps is 0"),
        (lambda: AdaGrad(eps=-1e-8), "eps is -1e-08"),
        (lambda: AdaDelta(eps=float("inf")), "eps is inf"),
    ],
)
def test_other_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
