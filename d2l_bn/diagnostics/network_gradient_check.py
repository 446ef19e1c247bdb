r"""The gradient check of a whole network: every parameter against central differences."""

from __future__ import annotations

from mxnet import autograd, gluon, np

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.diagnostics.gradient_report import GradientReport
from d2l_bn.diagnostics.weight_vector import kept_parameters, trained_parameters

__all__ = ["check_network"]


def check_network(
    net: gluon.Block, X: np.ndarray, y: np.ndarray, *, tolerance: float = 1e-6
) -> GradientReport:
    r"""Is the gradient of the loss right, for each parameter of ``net``?

    The loss is the mean softmax cross-entropy of the batch, in training mode. Each entry costs two
    forward passes: take a small network (narrow layers, the same kinds of them) and few examples.
    A ReLU whose input lies within the step of 0 has no derivative to agree with; other examples
    then tell.

    Arguments:
        net: initialized, all sizes known, and cast to float64: ``net.cast("float64")``. It is
            afterwards as it was.
        X, y: a batch; ``X`` float64.
        tolerance: the largest relative error that counts as right.

    Raises:
        TypeError: a parameter or ``X`` is not float64.

    >>> from mxnet.gluon import nn
    >>> net = nn.Sequential()
    >>> net.add(nn.Dense(4, activation="tanh", in_units=3), nn.Dense(2, in_units=4))
    >>> net.initialize()
    >>> net.cast("float64")
    >>> report = check_network(net, np.ones((5, 3), dtype="float64"), np.array([0, 1, 0, 1, 1]))
    >>> report.ok, list(report.errors)
    (True, ['0.weight', '0.bias', '1.weight', '1.bias'])
    """
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    parameters = trained_parameters(net)
    arrays = {name: parameter.data().copy() for name, parameter in parameters.items()}
    for name, array in {"X": X, **arrays}.items():
        if str(array.dtype) != "float64":
            raise TypeError(
                f"{name} has dtype {array.dtype}; expected float64, since differences of a lower "
                "precision are noise: net.cast('float64'), X.astype('float64')"
            )

    def mean_loss(**values: np.ndarray) -> np.ndarray:
        for name, value in values.items():
            parameters[name].set_data(value)
        return loss_function(net(X), y).mean()

    with kept_parameters(net):
        with autograd.record():
            loss = mean_loss()
        loss.backward()
        gradients = {name: parameter.grad().copy() for name, parameter in parameters.items()}
        one = np.ones((), dtype="float64")
        return check_gradients(mean_loss, arrays, one, tolerance=tolerance, analytic=gradients)
