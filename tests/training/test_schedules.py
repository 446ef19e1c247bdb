"""Schedules: their values against MXNet's and PyTorch's, and that a training goes through them."""

from __future__ import annotations

import json
import math

import mxnet as mx
import numpy
import pytest
from mxnet import init
from training_helpers import examples, linear, same, values

from d2l_bn import train
from d2l_bn.commands import train as command
from d2l_bn.training.checkpoint import CheckpointError
from d2l_bn.training.schedules import (
    SCHEDULES,
    Cosine,
    Line,
    OneCycle,
    OneCycleMomentum,
    Steps,
    WarmUp,
)

T = 200
PACES = []  # of the steps of the optimizer below


@mx.optimizer.register
class WatchedSGD(mx.optimizer.SGD):
    def update_multi_precision(self, index, weight, grad, state):
        PACES.append((self.lr, self.momentum))
        super().update_multi_precision(index, weight, grad, state)

    update = update_multi_precision


def along(schedule, steps=T):
    return [schedule(t / steps) for t in range(steps)]


@pytest.mark.parametrize(
    "schedule, theirs",
    [
        (Cosine(0.1), mx.lr_scheduler.CosineScheduler(T, base_lr=1, final_lr=0.1)),
        (Line(), mx.lr_scheduler.PolyScheduler(T, base_lr=1, pwr=1)),
        (WarmUp(Cosine(), 0.25), mx.lr_scheduler.CosineScheduler(T, base_lr=1, warmup_steps=50)),
    ],
)
def test_values_as_mxnets(schedule, theirs):
    numpy.testing.assert_allclose(along(schedule), [theirs(t) for t in range(T)], atol=1e-12)


def test_values_as_pytorchs():
    torch = pytest.importorskip("torch")
    schedulers = torch.optim.lr_scheduler

    def theirs(make, key="lr"):
        sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
        scheduler, found = make(sgd), []
        for _ in range(T):
            found.append(sgd.param_groups[0][key])
            sgd.step()
            scheduler.step()
        return found

    exact = {"rtol": 1e-9, "atol": 1e-12}
    numpy.testing.assert_allclose(
        along(Steps()), theirs(lambda o: schedulers.MultiStepLR(o, [100, 150], 0.1)), **exact
    )
    numpy.testing.assert_allclose(
        along(Cosine()), theirs(lambda o: schedulers.CosineAnnealingLR(o, T)), **exact
    )
    # Its last step is at the end of the cycle, and its peak a step earlier than ours: 1 in 60.
    near = {"atol": 2 / 60 * math.pi / 2}
    numpy.testing.assert_allclose(
        along(OneCycle()), theirs(lambda o: schedulers.OneCycleLR(o, 1.0, T)), **near
    )
    momenta = theirs(lambda o: schedulers.OneCycleLR(o, 1.0, T), "momentum")
    numpy.testing.assert_allclose(along(OneCycleMomentum()), momenta, atol=0.1 * near["atol"])


def test_ends_and_peaks():
    assert OneCycle()(0.0) == pytest.approx(1 / 25) and OneCycle()(0.3) == 1.0
    assert OneCycle()(1.0) == pytest.approx(4e-6)
    assert OneCycleMomentum()(0.3) == pytest.approx(0.85)
    assert WarmUp(Steps(), 0.5)(0.74) == 1.0 and WarmUp(Steps(), 0.5)(0.75) == 0.1
    assert WarmUp(Line(), 0.1, start=0.5)(0.05) == pytest.approx(0.75)
    assert all(schedule(0.05) > 0 for schedule in SCHEDULES.values())


def run(epochs=3, resume=False, checkpoint=None, **options):
    net = linear(in_units=4)
    net.initialize(init.One())
    settings = {"lr": 0.5, "optimizer": "watchedsgd", "checkpoint": checkpoint, "resume": resume}
    history = train(net, examples(8, 8, 5), epochs=epochs, **{**settings, **options})
    return values(net), history


def test_each_step_has_its_rate_and_its_momentum():
    PACES.clear()
    run(schedule=Cosine(), momentum_schedule=Line(0.5, 0.9, until=0.5))
    assert len(PACES) == 9  # weight and bias at once
    numpy.testing.assert_allclose(
        PACES, [(0.5 * Cosine()(t / 9), Line(0.5, 0.9, 0.5)(t / 9)) for t in range(9)], atol=1e-12
    )


def test_a_schedule_changes_the_training_and_one_of_ones_does_not():
    plain, history = run()
    assert "schedule" not in history.config
    assert same(run(schedule="constant")[0], plain)
    assert not same(run(schedule="cosine")[0], plain)
    with_momentum = run(optimizer_params={"momentum": 0.9})[0]
    assert same(run(momentum_schedule=lambda share: 0.9)[0], with_momentum)


def test_a_resumed_run_goes_on_in_the_schedule(tmp_path):
    class Enough(Exception):
        pass

    def stop(history):
        if len(history) == 2:
            raise Enough

    options = {"schedule": "one_cycle", "momentum_schedule": OneCycleMomentum()}
    whole, _ = run(4, checkpoint=tmp_path / "whole", **options)
    with pytest.raises(Enough):
        run(4, checkpoint=tmp_path / "parts", on_epoch=stop, **options)
    resumed, history = run(4, checkpoint=tmp_path / "parts", resume=True, **options)
    assert same(resumed, whole)
    assert history.config["schedule"]["epochs"] == 4
    with pytest.raises(CheckpointError, match="schedule"):  # of a longer run, with other rates
        run(5, checkpoint=tmp_path / "parts", resume=True, **options)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"schedule": "cosin"}, ValueError, "schedule is 'cosin'; expected one of 'constant'"),
        ({"schedule": 0.1}, TypeError, "schedule is 0.1; expected a function of the share"),
        ({"schedule": lambda share: -share}, ValueError, r"schedule\(0.5\) is -0.5"),
        ({"momentum_schedule": Line(0.5, 1.0)}, ValueError, r"momentum_schedule\(1\) is 1.0"),
        (
            {"momentum_schedule": Line(0.5, 0.9), "optimizer": "adam"},
            ValueError,
            "the optimizer Adam has no momentum",
        ),
    ],
)
def test_refusals_leave_the_network_as_it_was(options, error, message):
    net = linear(in_units=4)
    with pytest.raises(error, match=message):
        train(net, examples(4), **options)
    assert net[0].weight._data is None


def test_data_without_a_length_are_refused_with_a_schedule_only():
    class Endless:
        def __iter__(self):
            return iter(examples(4))

    net = linear(in_units=4)
    with pytest.raises(TypeError, match="Endless without a length"):
        train(net, Endless(), schedule="cosine")
    assert len(train(net, Endless(), epochs=1, lr=0.1)) == 1


@pytest.mark.parametrize(
    "kind, wrong",
    [
        (Steps, {"at": (0.5, 1.0)}),
        (Line, {"until": 0}),
        (WarmUp, {"share": 1.0}),
        (Cosine, {"final": 1.0}),
        (OneCycle, {"rise": 0}),
        (OneCycleMomentum, {"low": 1.0}),
    ],
)
def test_arguments_out_of_range(kind, wrong):
    with pytest.raises(ValueError, match="expected a number in"):
        kind(**wrong)


def test_the_command_takes_them_by_name(tmp_path, monkeypatch, capsys):
    from command_line import InProcess

    assert set(SCHEDULES) == set(command.SCHEDULES)
    words = ["--schedule", "cosine", "--data", "synthetic", "--limit", "96", "--epochs", "1"]
    status, _, err = InProcess(monkeypatch, capsys)("train_lenet_bn.py", *words, "--out", tmp_path)
    assert status == 0, err
    config = json.loads((tmp_path / "metrics.json").read_text())["config"]
    assert config["schedule"] == {"rate": "Cosine(final=0.0)", "momentum": None, "epochs": 1}
