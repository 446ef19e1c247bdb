r"""Statements about batch normalization that computing once decides.

Nothing is trained, and there is no luck. Each function states its sentence in its name and answers
with True or False. Inputs are random, so that no symmetry makes a wrong sentence come out right.
"""

from __future__ import annotations

import itertools

import numpy
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn.experiments.claims.random_inputs import close, random_array
from d2l_bn.norms.batch import BatchNorm, batch_norm
from d2l_bn.norms.moments import moments


def convolutional_mean_is_of_one_image() -> bool:
    X = random_array(4, 3, 5, 5)
    mean, _ = moments(X, (0, 2, 3))
    return close(mean[0, :, 0, 0], X[0].mean(axis=(1, 2)))


def convolutional_mean_is_over_batch_and_map() -> bool:
    X = random_array(4, 3, 5, 5)
    mean, _ = moments(X, (0, 2, 3))
    return close(mean.reshape(-1), X.transpose(1, 0, 2, 3).reshape(3, -1).mean(axis=1))


def mean_over_axes_is_a_chain_of_means() -> bool:
    X = random_array(4, 3, 5, 6)
    return close(X.mean(axis=(0, 2, 3)), X.mean(axis=3).mean(axis=2).mean(axis=0))


def prediction_uses_the_batch() -> bool:
    """And training the moving average."""
    layer, X = _trained_layer(), random_array(8, 3)
    with autograd.predict_mode():
        answers = layer(X), layer(np.concatenate([X, 5 + random_array(8, 3)]))[:8]
    return not close(*answers)


def training_uses_the_batch_and_prediction_the_average() -> bool:
    layer, X = _trained_layer(), random_array(8, 3)
    moved = np.concatenate([X, 5 + random_array(8, 3)])
    with autograd.train_mode():
        training = not close(layer(X), layer(moved)[:8])
    return training and not prediction_uses_the_batch()


def gamma_and_beta_can_restore_the_input() -> bool:
    X = 2 + 3 * random_array(64, 4)
    mean, var = moments(X, (0,))
    with autograd.train_mode():
        Y, _, _ = batch_norm(X, np.sqrt(var + 1e-5), mean, mean, var)
    return close(Y, X)


def output_is_normally_distributed() -> bool:
    """Of an input that is not: its excess kurtosis, 0 for a normal distribution, goes to 0."""
    X = np.random.exponential(size=(4096, 1))
    layer = _layer(1)
    with autograd.train_mode():
        return abs(_kurtosis(layer(X))) < 0.5 * abs(_kurtosis(X))


def output_has_mean_0_and_variance_1() -> bool:
    layer, X = _layer(3), 2 + 3 * random_array(64, 3)
    with autograd.train_mode():
        mean, var = moments(layer(X), (0,))
    return close(mean, np.zeros((1, 3))) and close(var, np.ones((1, 3)))


def output_depends_on_the_other_examples() -> bool:
    layer, X = _layer(3), random_array(8, 3)
    other = X.copy()
    other[1:] += random_array(7, 3)
    with autograd.train_mode():
        return not close(layer(X)[0], layer(other)[0])


def one_change_changes_every_output_of_its_feature() -> bool:
    layer, X = _layer(3), random_array(8, 3)
    changed = X.copy()
    changed[0, 1] += 1
    with autograd.train_mode():
        differ = (abs(layer(X) - layer(changed)) > 1e-6).asnumpy()
    return bool(differ[:, 1].all() and not differ[:, [0, 2]].any())


def gamma_starts_at_1_and_beta_at_0() -> bool:
    layer = _layer(3)
    return bool((layer.gamma.data() == 1).all() and (layer.beta.data() == 0).all())


def gamma_and_beta_wait_before_they_move() -> bool:
    layer, X = _layer(3), random_array(8, 3)
    trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=None)
    with autograd.record():
        loss = (layer(X) * random_array(8, 3)).sum()
    loss.backward()
    trainer.step(1)
    return gamma_starts_at_1_and_beta_at_0() and bool((layer.gamma.data() == 1).all())


def gamma_and_beta_are_what_is_trained() -> bool:
    """And mean and variance what is kept, with nothing else beside."""
    kinds = {name: p.grad_req for name, p in _layer(3)._collect_params_with_prefix().items()}
    trained = {name for name, kind in kinds.items() if kind != "null"}
    return trained == {"gamma", "beta"} and set(kinds) - trained == {"moving_mean", "moving_var"}


def gluons_layer_finds_the_channels_by_itself() -> bool:
    layer = nn.BatchNorm()
    layer.initialize()
    return layer(random_array(2, 7, 3, 3)).shape == (2, 7, 3, 3) and layer.gamma.shape == (7,)


def parameters_of_six_maps(shared: bool) -> int:
    """How many γ six maps of 100 × 100 need, one for a map or one for a neuron."""
    channels = 6 if shared else 6 * 100 * 100
    return BatchNorm(channels, num_dims=4).gamma.shape[1]


def bias_makes_no_difference() -> bool:
    layer, X, b = _layer(3), random_array(16, 3), 5 * random_array(1, 3)
    with autograd.train_mode():
        return close(layer(X), layer(X + b))


def one_example_can_be_normalized_at_test_time() -> bool:
    layer, X = _trained_layer(), random_array(8, 3)
    return close(layer(X[:1]), layer(X)[:1])


def one_parameter_for_a_map() -> bool:
    """6 maps of 100 × 100 need 6 γ, where one for each neuron would be 60,000."""
    return (parameters_of_six_maps(True), parameters_of_six_maps(False)) == (6, 60_000)


def unbiased_variances_of_batches_have_the_right_mean() -> bool:
    """m/(m − 1) times the mean of σ² over all batches of three that can be drawn from four."""
    values = numpy.random.normal(size=4)
    batches = values[list(itertools.product(range(4), repeat=3))]
    return bool(numpy.isclose(3 / 2 * batches.var(axis=1).mean(), values.var()))


def most_standardized_values_are_where_the_sigmoid_is_straight() -> bool:
    """More than half of them where it is within 0.02 of its tangent."""
    x = numpy.random.normal(size=100_000)
    return bool((abs(1 / (1 + numpy.exp(-x)) - (0.5 + x / 4)) < 0.02).mean() > 0.5)


def _layer(channels: int) -> BatchNorm:
    layer = BatchNorm(channels, num_dims=2)
    layer.initialize()
    return layer


def _trained_layer() -> BatchNorm:
    """A layer whose averages have moved."""
    layer = _layer(3)
    for _ in range(5):
        with autograd.train_mode():
            layer(1 + 2 * random_array(32, 3))
    return layer


def _kurtosis(X: np.ndarray) -> float:
    centred = (X - X.mean()).asnumpy()
    return float((centred**4).mean() / (centred**2).mean() ** 2 - 3)
