"""AdamW: PyTorch's steps, and a decay that the gradients do not rescale."""

import mxnet as mx
import numpy
import pytest
from mxnet import np

from d2l_bn.descent import Adam, AdamW, RuleOptimizer


def follow(rule, gradients, theta):
    state = rule.start(theta)
    for t, gradient in enumerate(gradients, start=1):
        theta, state = rule.step(theta, gradient, state, t)
    return theta


def test_the_steps_are_pytorchs():
    torch = pytest.importorskip("torch")
    rng = numpy.random.default_rng(0)
    gradients, start = rng.normal(size=(50, 3)) * [1, 100, 0.01], rng.normal(size=3)
    theirs = torch.tensor(start.copy(), requires_grad=True)
    optimizer = torch.optim.AdamW([theirs], lr=0.05, weight_decay=0.3)
    for gradient in gradients:
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
    ours = follow(AdamW(0.05, decay=0.3), gradients, start)
    numpy.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9)


def test_all_weights_shrink_alike_and_with_an_l2_penalty_they_do_not():
    start, signs = numpy.array([1.0, 1.0]), numpy.array([[1.0, 100.0], [-1.0, -100.0]] * 50)
    decoupled = follow(AdamW(0.001, decay=1.0), signs, start) - follow(Adam(0.001), signs, start)
    assert decoupled[0] == pytest.approx(decoupled[1], rel=1e-6)
    theta, rule = start, Adam(0.001)
    state = rule.start(theta)
    for t, gradient in enumerate(signs, start=1):
        theta, state = rule.step(theta, gradient + theta, state, t)
    lost = follow(Adam(0.001), signs, start) - theta
    assert lost[0] > 20 * lost[1] > 0


def test_without_decay_it_is_adam():
    gradients = numpy.random.default_rng(1).normal(size=(20, 2))
    args = gradients, numpy.ones(2)
    assert (follow(AdamW(0.1, decay=0.0), *args) == follow(Adam(0.1), *args)).all()
    assert not (follow(AdamW(0.1, decay=0.1), *args) == follow(Adam(0.1), *args)).any()


def test_in_a_network_a_parameter_may_be_left_out():
    net = mx.gluon.nn.Dense(1, in_units=1, bias_initializer="ones")
    net.initialize(mx.init.One())
    net.bias.wd_mult = 0.0
    trainer = mx.gluon.Trainer(
        net.collect_params(), RuleOptimizer(AdamW(0.1, decay=0.5)), kvstore=None
    )
    with mx.autograd.record():
        loss = net(np.zeros((1, 1))).sum() * 0
    loss.backward()
    trainer.step(1)
    assert net.weight.data().item() == pytest.approx(0.95)
    assert net.bias.data().item() == 1.0


def test_refusals():
    with pytest.raises(ValueError, match="decay is -1"):
        AdamW(decay=-1)
