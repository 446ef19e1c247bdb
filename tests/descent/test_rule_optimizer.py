"""Rules on a network's parameters: parity with MXNet's optimizers through Trainer and train."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from training_helpers import examples, linear, same, values

import d2l_bn
from d2l_bn.descent import (
    RULES,
    AdaDelta,
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    RuleOptimizer,
    ramp,
)

PAIRS = {
    "sgd": (GradientDescent(0.1), ("sgd", {"learning_rate": 0.1})),
    "momentum": (Momentum(0.05), ("sgd", {"learning_rate": 0.05, "momentum": 0.9})),
    "nesterov": (Nesterov(0.05), ("nag", {"learning_rate": 0.05, "momentum": 0.9})),
    "adagrad": (AdaGrad(0.1), ("adagrad", {"learning_rate": 0.1})),
    "adadelta": (AdaDelta(), ("adadelta", {})),
    "rmsprop": (RMSProp(0.01), ("rmsprop", {"learning_rate": 0.01})),
    "adam": (Adam(0.01), ("adam", {"learning_rate": 0.01})),
}
BATCHES = examples(8, 8, 5)


def train_with(optimizer, params=None, epochs=17, change=None):
    """51 steps on batches of different sizes, from the same start; the weights at the end."""
    mx.random.seed(1)
    net = linear(in_units=4)
    net.initialize(mx.init.Normal(0.5))
    trainer = gluon.Trainer(net.collect_params(), optimizer, params, kvstore=None)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    for epoch in range(epochs):
        if change is not None and epoch == 5:
            trainer.set_learning_rate(change)
        for X, y in BATCHES:
            with autograd.record():
                losses = loss(net(X), y)
            losses.backward()
            trainer.step(len(y))
    return values(net)


def close(one, other):
    return all(numpy.allclose(one[n], other[n], rtol=0, atol=2e-5) for n in one)


@pytest.mark.parametrize("name", PAIRS)
def test_a_network_trains_as_with_mxnets_own(name):
    rule, (theirs, params) = PAIRS[name]
    ours = train_with(RuleOptimizer(rule))
    assert close(ours, train_with(theirs, params))
    assert not close(ours, train_with(RuleOptimizer(rule), epochs=1))


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "rmsprop"])
def test_weight_decay_and_a_changed_learning_rate_as_in_mxnet(name):
    rule, (theirs, params) = PAIRS[name]
    ours = train_with(RuleOptimizer(rule, wd=0.1), change=0.002)
    assert close(ours, train_with(theirs, {**params, "wd": 0.1}, change=0.002))
    assert not close(ours, train_with(RuleOptimizer(rule), change=0.002))
    assert not close(ours, train_with(RuleOptimizer(rule, wd=0.1)))


def test_gradients_are_clipped_as_in_mxnet():
    ours = train_with(RuleOptimizer(GradientDescent(0.1), clip_gradient=0.05))
    assert close(ours, train_with("sgd", {"learning_rate": 0.1, "clip_gradient": 0.05}))
    assert not close(ours, train_with(RuleOptimizer(GradientDescent(0.1))))


def test_the_rules_own_learning_rate_holds_unless_another_is_given():
    assert RuleOptimizer(Adam(0.03)).learning_rate == 0.03
    assert RuleOptimizer(Adam(0.03), learning_rate=0.5).learning_rate == 0.5
    assert RuleOptimizer(AdaDelta()).rule == AdaDelta()


@pytest.mark.parametrize("rule", RULES)
def test_train_takes_every_rule_by_its_name(rule):
    net = linear(in_units=4)
    params = {"rule": rule}
    history = d2l_bn.train(
        net, BATCHES, epochs=4, lr=0.1, optimizer="ruleoptimizer", optimizer_params=params
    )
    assert history["loss"][-1] < history["loss"][0]
    assert history.config["optimizer_params"] == params


def test_settings_by_name_reach_the_rule():
    optimizer = mx.optimizer.create(
        "ruleoptimizer", rule="adam", beta1=0.5, wd=0.2, learning_rate=3
    )
    assert optimizer.rule.beta1 == 0.5 and optimizer.wd == 0.2 and optimizer.learning_rate == 3


def test_a_saved_run_goes_on_bit_for_bit(tmp_path):
    def run(epochs, checkpoint, resume=False):
        net = linear(in_units=4)
        d2l_bn.train(
            net,
            BATCHES,
            epochs=epochs,
            lr=0.05,
            optimizer="ruleoptimizer",
            optimizer_params={"rule": "adam"},
            checkpoint=checkpoint,
            resume=resume,
        )
        return values(net)

    whole = run(4, tmp_path / "whole")
    run(2, tmp_path / "parts")
    assert same(run(4, tmp_path / "parts", resume=True), whole)


def test_a_schedule_can_be_saved_with_its_trainer(tmp_path):
    net = linear(in_units=4)
    net.initialize()
    rule = Momentum(0.1, ramp(0.5, 0.9, 10))
    trainer = gluon.Trainer(net.collect_params(), RuleOptimizer(rule), kvstore=None)
    X, y = BATCHES[0]
    with autograd.record():
        loss = net(X).sum()
    loss.backward()
    trainer.step(len(y))
    trainer.save_states(str(tmp_path / "states"))
    trainer.load_states(str(tmp_path / "states"))
    assert trainer.optimizer.rule.decay(6) == ramp(0.5, 0.9, 10)(6) == 0.7


def test_refusals():
    with pytest.raises(ValueError, match="rule is 'adamv'; expected one of 'gradient_desc"):
        RuleOptimizer("adamv")
    with pytest.raises(ValueError, match="beta1 is 2"):
        RuleOptimizer("adam", beta1=2)
    with pytest.raises(TypeError):
        RuleOptimizer("adadelta", beta1=0.5)


def test_two_parameters_have_two_states():
    update = mx.optimizer.get_updater(RuleOptimizer(AdaGrad(0.1)))
    a, b = np.zeros(1), np.zeros(1)
    for _ in range(3):
        update(0, np.ones(1), a)
    update(1, np.ones(1), b)
    assert b.item() == pytest.approx(-0.1, abs=1e-6)
    assert a.item() == pytest.approx(-0.1 * (1 + 2**-0.5 + 3**-0.5), abs=1e-6)
