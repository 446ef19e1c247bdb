r"""Statements about the layer's siblings that computing once decides.

Nothing is trained, and there is no luck. Each function states its sentence in its name and answers
with True or False. Inputs are random, so that no symmetry makes a wrong sentence come out right.
"""

from __future__ import annotations

import itertools

import numpy
from mxnet import np

from d2l_bn.experiments.claims.random_inputs import close, random_array
from d2l_bn.norms.adaptive_instance import adaptive_instance_norm
from d2l_bn.norms.group import group_norm
from d2l_bn.norms.instance import instance_norm
from d2l_bn.norms.layer import layer_norm
from d2l_bn.norms.moments import moments
from d2l_bn.norms.standardized_weight import standardize_weight


def instance_norm_uses_its_own_image_only() -> bool:
    X, one, zero = random_array(4, 3, 5, 5), np.ones((1, 3, 1, 1)), np.zeros((1, 3, 1, 1))
    return close(instance_norm(X, one, zero)[:1], instance_norm(X[:1], one, zero))


def adaptive_instance_norm_takes_the_style_s_statistics() -> bool:
    content, style = random_array(2, 3, 6, 6), 4 + 2 * random_array(2, 3, 6, 6)
    result, wanted = moments(adaptive_instance_norm(content, style), (2, 3)), moments(style, (2, 3))
    return close(result[0], wanted[0], 1e-3) and close(result[1], wanted[1], 1e-3)


def layer_norm_uses_its_own_example_only() -> bool:
    X, one, zero = random_array(4, 6), np.ones((1, 6)), np.zeros((1, 6))
    return close(layer_norm(X, one, zero)[:1], layer_norm(X[:1], one, zero))


def layer_norm_gives_each_feature_mean_0_and_variance_1() -> bool:
    X, one, zero = random_array(64, 6) * np.arange(1, 7), np.ones((1, 6)), np.zeros((1, 6))
    mean, var = moments(layer_norm(X, one, zero), (0,))
    return close(mean, np.zeros((1, 6)), 0.05) and close(var, np.ones((1, 6)), 0.05)


def standardized_weights_have_mean_0_and_variance_1() -> bool:
    mean, var = moments(standardize_weight(1 + random_array(8, 3, 5, 5)), (1, 2, 3))
    return close(mean, np.zeros(mean.shape)) and close(var, np.ones(var.shape), 1e-3)


def scaling_the_weights_is_scaling_the_activations() -> bool:
    """The outgoing weights times p give the mean over all ways to drop: here, all sixteen."""
    W, h = random_array(4, 4), random_array(1, 4)
    masks = np.array(list(itertools.product((0.0, 1.0), repeat=4)))
    return close(np.dot(h, 0.5 * W), np.dot(masks * h, W).mean(axis=0, keepdims=True))


def groups_have_mean_0_and_variance_1_each() -> bool:
    X, one, zero = 3 + random_array(2, 6, 5, 5), np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    Y = group_norm(X, one, zero, num_groups=3).reshape(2, 3, -1)
    return close(Y.mean(axis=2), np.zeros((2, 3))) and close(Y.var(axis=2), np.ones((2, 3)), 1e-3)


def length_and_direction_come_apart() -> bool:
    """w = g·v/‖v‖ has the length g, and another g turns nothing."""
    v = numpy.random.normal(size=(2, 5))
    w = [g * v / numpy.linalg.norm(v, axis=1, keepdims=True) for g in (0.5, 3.0)]
    lengths = [numpy.linalg.norm(each, axis=1) for each in w]
    return bool(numpy.allclose(lengths, [[0.5] * 2, [3.0] * 2]) and numpy.allclose(w[1], 6 * w[0]))
