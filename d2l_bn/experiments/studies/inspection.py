r"""A look into networks before and after training: gradients, saturation, shapes, γ and β.

Measured are the gradient of every layer and the share of activations at a flat end, at the start
and at the end; how bell-shaped the inputs and the outputs of the activations are; whether γ and β
have become the deviation and the mean that they could restore; and the test accuracy on images that
are darker, inverted or noisy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy
from mxnet import autograd, gluon, np
from scipy import stats

from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.diagnostics.loss_landscape import layer_gradients
from d2l_bn.experiments.lenet_training import chosen_images, lenet_case
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.networks.batch_norm_layers import batch_norms, kept_averages
from d2l_bn.networks.lenet import lenet
from d2l_bn.networks.population import population_statistics, recalibrate
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.loop import train

ACTIVATIONS = ("act1", "act2", "act3", "act4")
IMAGES: dict[str, Callable[[numpy.ndarray], numpy.ndarray]] = {  # of bytes, 0 to 255
    "as they are": lambda images: images,
    "darker": lambda images: images // 2,
    "inverted": lambda images: 255 - images,
    "noisy": lambda images: numpy.clip(
        images + numpy.random.default_rng(0).normal(0, 64, images.shape), 0, 255
    ).astype("uint8"),
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network, and everything that is seen of it."""
    train_iter, test_iter = chosen_images(case, seed, data)
    normalized = case["norm"] is not None
    net = lenet(case["norm"], activation=case["activation"])
    X, y = next(iter(train_iter))
    train(net, [(X, y)], epochs=1, lr=1e-12, seed=seed)  # initialized, not moved
    measures = {"start": look(net, X, y)}
    options = {"epochs": case["epochs"], "lr": case["lr"], "weigh_alike": "batches"}
    train(net, train_iter, seed=seed, recalibrate=False, **options)
    if normalized:
        recalibrate(net, train_iter, batches=case["population_batches"])
    measures["end"] = look(net, X, y)
    if normalized:
        measures["restored"] = restored(net, train_iter, case["population_batches"])
    statistics = "population" if normalized else "moving"
    for name, change in IMAGES.items():
        changed = Batches(change(test_iter.images), test_iter.labels, 256)
        measures[f"test_accuracy_{statistics}/{name}"] = rounded(evaluate(net, changed))
        if normalized:
            own = rounded(with_statistics_of(net, changed))
            measures[f"test_accuracy_own_statistics/{name}"] = own
    return FINISHED, measures


def look(net: gluon.Block, X: np.ndarray, y: np.ndarray) -> dict:
    """Gradients and activations on one batch, in training mode."""
    gradients = layer_gradients(net, X, y)
    children = list(net._children)
    before = {name: children[children.index(name) - 1] for name in ACTIVATIONS}
    values: dict[str, numpy.ndarray] = {}

    def keep(name):
        return lambda block, inputs, output: values.__setitem__(name, output.asnumpy().ravel())

    handles = [
        getattr(net, layer).register_forward_hook(keep(layer))
        for layer in {*ACTIVATIONS, *before.values()}
    ]
    with ActivationStats(net, ACTIVATIONS, every=1) as seen, autograd.record():
        net(X)
    for handle in handles:
        handle.detach()
    return {
        "gradient_norm": {
            name: rounded(float(numpy.linalg.norm(gradient)))
            for name, gradient in gradients.items()
            if not name.startswith("norm")
        },
        "saturated": {name: rounded(seen[name].saturated[-1]) for name in ACTIVATIONS},
        # 0 for a normal distribution
        "excess_kurtosis": {
            name: {
                "input": rounded(float(stats.kurtosis(values[before[name]]))),
                "output": rounded(float(stats.kurtosis(values[name]))),
            }
            for name in ACTIVATIONS
        },
    }


def restored(net: gluon.Block, train_iter: Batches, batches: int) -> dict:
    """γ and β of each channel against the σ and μ that would restore the layer's input."""
    result = {}
    for name, population in population_statistics(net, train_iter, batches=batches).items():
        layer = batch_norms(net)[name]
        gamma, beta = (p.data().asnumpy().ravel() for p in (layer.gamma, layer.beta))
        deviation = numpy.sqrt(population.variance("biased"))
        near = (abs(gamma - deviation) < 0.1 * deviation).mean()
        result[name] = {
            "scale_correlation": rounded(float(numpy.corrcoef(gamma, deviation)[0, 1])),
            "shift_correlation": rounded(float(numpy.corrcoef(beta, population.mean)[0, 1])),
            "scale_within_10_percent": rounded(float(near)),
        }
    return result


def with_statistics_of(net: gluon.Block, batches: Batches) -> float:
    """Test accuracy with the statistics of these images instead of the training set's."""
    with kept_averages(net):
        recalibrate(net, batches)
        return evaluate(net, batches)


STUDY = Study(
    "inspection",
    "What happens inside a network, with and without batch normalization?",
    [
        lenet_case(
            norm=norm,
            activation=activation,
            lr=lr,
            examples=12_000,
            epochs=3,
            population_batches=50 if norm else 0,
        )
        for (activation, lr), norm in product((("sigmoid", 1.0), ("relu", 0.1)), (None, "gluon"))
    ],
    run,
    seeds=tuple(range(8)),
)
