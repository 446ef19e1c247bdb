r"""Six broken trainings and a healthy one, on drawn garments, with what the probes read in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from .. import pictures

if TYPE_CHECKING:
    from mxnet.gluon import nn

TRAINING, TEST, BATCH, STEPS, EVERY = 2000, 300, 50, 60, 4
PIXELS, HIDDEN, CLASSES = pictures.SIDE**2, 32, 10
STILL = {"patient": "e", "probe": "idle"}


@dataclass(frozen=True)
class Case:
    """How a network is built and trained; what is wrong with it is its ``disease``."""

    disease: str
    activation: str = "sigmoid"
    normalize: bool = True
    momentum: float = 0.9
    rule: str = "xavier"
    scale: float = 1.0  # of the first weights
    bias: float = 0.0  # at first
    rate: float = 1.0
    shuffled: bool = False


CASES = {
    "healthy": Case("none"),
    "a": Case("averages", momentum=1.0),
    "b": Case("labels", shuffled=True),
    "c": Case("large", rate=10.0),
    "d": Case("saturated", normalize=False, rule="1.0", scale=3.0),
    "e": Case("dead", activation="relu", normalize=False, rule="he", bias=-3.0),
    "f": Case("small", rate=1e-4),
}


def build() -> dict:
    r"""For each case what :func:`observed` gives, ``disease``, ``activation`` and ``normalize``.

    ``steps`` are those at which the probes were read; ``images`` and ``classes`` the first of the
    training set, ``shuffled`` their labels in the case that has wrong ones.
    """
    from d2l_bn.data.garments import garments

    images, labels = garments(TRAINING + TEST)
    texts = [pictures.small(image) for image in images]
    X = numpy.stack([pictures.pixels(text).ravel() for text in texts])  # (2500, 196)
    wrong = labels.copy()
    wrong[:TRAINING] = numpy.random.RandomState(1).permutation(labels[:TRAINING])
    runs = {}
    for name, case in CASES.items():
        run = observed(case, X, wrong if case.shuffled else labels)
        kind = {"disease": case.disease, "activation": case.activation, "normalize": case.normalize}
        runs[name] = {**kind, **run}
    return {
        "runs": runs,
        "steps": list(range(1, STEPS + 1, EVERY)),
        "images": texts[:6],
        "classes": labels[:6].tolist(),
        "shuffled": wrong[:6].tolist(),
    }


def network(case: Case) -> nn.Sequential:
    from mxnet import np
    from mxnet.gluon import nn

    from d2l_bn.networks.initializers import draw
    from d2l_bn.norms.batch import BatchNorm

    net, inputs = nn.Sequential(), PIXELS
    for number in (1, 2):
        net.register_child(nn.Dense(HIDDEN, in_units=inputs), f"dense{number}")
        if case.normalize:
            norm = BatchNorm(HIDDEN, num_dims=2, momentum=case.momentum)
            net.register_child(norm, f"norm{number}")
        net.register_child(nn.Activation(case.activation), f"act{number}")
        inputs = HIDDEN
    net.register_child(nn.Dense(CLASSES, in_units=HIDDEN), "output")
    net.initialize()
    net.cast("float64")  # so that the training ends alike on every machine
    for seed, layer in enumerate(dense_layers(net).values()):
        outputs, inputs = layer.weight.shape
        layer.weight.set_data(case.scale * np.array(draw(case.rule, inputs, outputs, seed).T))
    for name in ("dense1", "dense2"):
        net._children[name].bias.set_data(np.full((HIDDEN,), case.bias, dtype="float64"))
    return net


def dense_layers(net: nn.Sequential) -> dict[str, Any]:
    return {name: net._children[name] for name in ("dense1", "dense2", "output")}


def observed(case: Case, X: numpy.ndarray, labels: numpy.ndarray) -> dict[str, list]:
    r"""Train; the ``loss`` of every step, and every fourth step the readings of all probes."""
    from mxnet import autograd, gluon, np

    from d2l_bn.diagnostics.activation_stats import ActivationStats

    data, y = np.array(X), np.array(labels.astype("int32"))
    net = network(case)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": case.rate})
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    loss, readings = [], []
    with ActivationStats(net, ["act1", "act2"], every=EVERY) as stats:
        for t in range(STEPS):
            rows = slice(t * BATCH % TRAINING, t * BATCH % TRAINING + BATCH)
            with autograd.record():
                losses = loss_function(net(data[rows]), y[rows])
            losses.backward()
            loss.append(losses.mean().item())
            before = weights(net)
            trainer.step(BATCH)
            if t % EVERY == 0:
                readings.append(reading(net, before, data, y, rows))
    keys = readings[0]
    found = {"loss": loss, **{key: [one[key] for one in readings] for key in keys}}
    for number in (1, 2):
        one = stats[f"act{number}"]
        found[f"mean{number}"], found[f"deviation{number}"] = one.means, one.stds
        if case.activation == "sigmoid":
            found[f"idle{number}"] = one.saturated
    return {key: [significant(value) for value in values] for key, values in found.items()}


def weights(net: nn.Sequential) -> dict[str, numpy.ndarray]:
    return {name: layer.weight.data().asnumpy() for name, layer in dense_layers(net).items()}


def reading(net: nn.Sequential, before: dict, data: Any, y: Any, rows: slice) -> dict[str, float]:
    r"""What the probes say after a step: the gradients are still those of the step."""
    from mxnet import autograd

    from d2l_bn.diagnostics.dead_relus import dead_units
    from d2l_bn.networks.batch_norm_layers import averages

    test = slice(TRAINING, TRAINING + TEST)
    found = {"accuracy": float((net(data[test]).asnumpy().argmax(1) == y[test].asnumpy()).mean())}
    now = weights(net)
    for name, layer in dense_layers(net).items():
        gradient = layer.weight.grad().asnumpy() / BATCH
        found[f"gradient_{name}"] = float(numpy.linalg.norm(gradient))
        step = numpy.linalg.norm(now[name] - before[name])
        found[f"step_{name}"] = float(step / numpy.linalg.norm(before[name]))
    children = net._children
    if "norm1" in children:
        _, variance = averages(children["norm1"])
        with autograd.pause(train_mode=False):
            entering = children["dense1"](data[rows]).asnumpy()
        found["moving"] = float(variance.data().mean().item())
        found["batch"] = float(entering.var(axis=0).mean())
    if children["act1"]._act_type == "relu":
        for name, dead in dead_units(net, [(data[test], None)], ["act1", "act2"]).items():
            found[f"idle{name[-1]}"] = float(dead.mean())
    return found


def significant(value: float) -> float:
    """Four digits: more than is seen."""
    return float(f"{value:.4g}")
