"""RowReader: its states by hand, what each normalizer depends on, and what it refuses."""

import numpy
import pytest
from mxnet import autograd, init, np

from d2l_bn.networks.row_reader import NORMS, PIXEL_DEVIATION, PIXEL_MEAN, RowReader

IMAGES = numpy.random.RandomState(0).rand(6, 1, 8, 5).astype("float32")


def reader(norm, images=IMAGES, **options):
    net = RowReader(norm, hidden=7, steps=4, **options)
    net.initialize(init.Xavier())
    net(np.array(images))
    return net


def states_in_numpy(net, images, normalize):
    """The equation, with the weights of ``net``."""
    dense = getattr(net.dense, "layer", net.dense)
    W, b = dense.weight.data().asnumpy(), dense.bias.data().asnumpy()
    h, states = numpy.zeros((len(images), 7)), []
    for t in range(images.shape[2] // 2):
        x = (
            images[:, 0, 2 * t : 2 * t + 2].reshape(len(images), -1) - PIXEL_MEAN
        ) / PIXEL_DEVIATION
        a = numpy.concatenate([x, h], axis=1) @ W.T + b
        h = numpy.tanh(normalize(a))
        states.append(h)
    return states


def standardized(a, axis):
    return (a - a.mean(axis, keepdims=True)) / numpy.sqrt(a.var(axis, keepdims=True) + 1e-5)


@pytest.mark.parametrize(
    "norm, normalize",
    [
        (None, lambda a: a),
        ("weight", lambda a: a),  # it starts as the plain layer
        ("layer", lambda a: standardized(a, 1)),
        ("batch", lambda a: standardized(a, 0)),
        ("batch_per_step", lambda a: standardized(a, 0)),
    ],
)
def test_states_by_hand(norm, normalize):
    net = reader(norm)
    with autograd.train_mode():
        states = net.states(np.array(IMAGES))
    expected = states_in_numpy(net, IMAGES, normalize)
    assert len(states) == 4
    for state, hand in zip(states, expected):
        numpy.testing.assert_allclose(state.asnumpy(), hand, atol=1e-5)
    with autograd.train_mode():
        scores = net(np.array(IMAGES)).asnumpy()
    W, b = (p.data().asnumpy() for p in (net.output.weight, net.output.bias))
    numpy.testing.assert_allclose(scores, expected[-1] @ W.T + b, atol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
def test_who_depends_on_the_batch_in_training(norm):
    net = reader(norm)
    with autograd.train_mode():
        together, fewer = net(np.array(IMAGES))[:2], net(np.array(IMAGES[:2]))
    differs = numpy.abs((together - fewer).asnumpy()).max() > 1e-4
    assert differs == (norm in ("batch", "batch_per_step"))


def test_one_layer_for_all_steps_or_one_for_each():
    counts = {norm: len(reader(norm).norms) for norm in NORMS}
    assert counts == {None: 0, "weight": 0, "layer": 1, "batch": 1, "batch_per_step": 4}
    net = reader("batch_per_step")
    with autograd.train_mode():
        net(np.array(IMAGES))
    means = [layer.moving_mean.data().asnumpy() for layer in net.norms]
    assert all(numpy.abs(mean).max() > 0 for mean in means)
    assert numpy.abs(means[0] - means[1]).max() > 1e-3


@pytest.mark.parametrize("norm", NORMS)
def test_every_parameter_is_trained(norm):
    net = reader(norm)
    with autograd.record():
        loss = (net(np.array(IMAGES)) * np.array(numpy.arange(10.0), dtype="float32")).sum()
    loss.backward()
    for name, parameter in net.collect_params().items():
        # the mean of a batch takes the bias away again
        if parameter.grad_req != "null" and not ("batch" in str(norm) and name.endswith("bias")):
            assert numpy.abs(parameter.grad().asnumpy()).max() > 0, name


def test_other_lengths():
    longer = numpy.concatenate([IMAGES, IMAGES], axis=2)
    for norm in (None, "layer", "batch", "weight"):
        assert len(reader(norm).states(np.array(longer))) == 8
    with pytest.raises(ValueError, match="8 steps, and there are batch normalizations for 4"):
        reader("batch_per_step")(np.array(longer))
    with pytest.raises(ValueError, match="7 rows; expected an even number"):
        reader(None)(np.array(IMAGES[:, :, :7]))


def test_bad_arguments():
    with pytest.raises(ValueError, match="norm is 'group'; expected one of None, 'batch'"):
        RowReader("group")
    with pytest.raises(ValueError, match="hidden is 0"):
        RowReader(hidden=0)
    with pytest.raises(ValueError, match="X has shape"):
        reader(None)(np.array(IMAGES[:, 0]))
