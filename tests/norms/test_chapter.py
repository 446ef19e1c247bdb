"""The chapter's layer computes what the package's does, and has the defects that it is kept for."""

import numpy
import pytest
from mxnet import autograd, init, np, npx

import d2l_bn
from d2l_bn.norms.reference import chapter


def pair(rank):
    layers = chapter.BatchNorm(3, rank), d2l_bn.BatchNorm(3, rank)
    for layer in layers:
        layer.initialize()
    return layers


@pytest.mark.parametrize("shape", [(8, 3), (4, 3, 5, 5)])
def test_the_same_output_in_training_and_the_same_average(shape):
    X = np.array(numpy.random.RandomState(0).randn(*shape) * 3 + 1, dtype="float32")
    theirs, ours = pair(len(shape))
    with autograd.train_mode():
        numpy.testing.assert_allclose(theirs(X).asnumpy(), ours(X).asnumpy(), atol=1e-5)
    mean = ours.moving_mean.data().asnumpy()
    numpy.testing.assert_allclose(theirs.moving_mean.asnumpy(), mean, atol=1e-6)


def test_the_file_has_no_averages(tmp_path):
    layer = pair(2)[0]
    layer.save_parameters(str(tmp_path / "layer.params"))
    assert len(npx.load(str(tmp_path / "layer.params"))) == 2


def test_an_untrained_prediction_multiplies_by_316():
    Y = pair(2)[0](np.ones((4, 3)))
    assert Y.mean().item() == pytest.approx(1 / numpy.sqrt(1e-5), rel=1e-5)


@pytest.mark.parametrize("shape", [(8, 3), (4, 1, 5, 5)])
def test_a_wrong_shape_broadcasts(shape):
    with autograd.train_mode():
        assert pair(4)[0](np.ones(shape)).shape != shape


def test_the_average_carries_a_gradient():
    X = np.array([[1.0, 2.0, 3.0], [3.0, 5.0, 9.0]])
    X.attach_grad()
    layer = pair(2)[0]
    with autograd.record():
        layer(X)
        total = layer.moving_mean.sum()
    total.backward()
    numpy.testing.assert_allclose(X.grad.asnumpy(), 0.05, rtol=1e-5)  # 0.1 of a mean over 2


def test_the_loop_steps_by_the_given_batch_size():
    def moved(batch_size):
        npx.random.seed(0)
        net = d2l_bn.lenet(None)
        net.initialize(init.Xavier())
        images, labels = np.random.uniform(size=(4, 1, 28, 28)), np.zeros(4)
        net(images)
        before = net.output.bias.data().copy()
        chapter.train_epoch(net, [(images, labels)], batch_size)
        return (net.output.bias.data() - before).asnumpy()

    numpy.testing.assert_allclose(moved(8), moved(4) / 2, rtol=1e-4)
