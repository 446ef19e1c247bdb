r"""First weights by Xavier's rule and of three deviations."""

from d2l_bn.experiments.lenet_training import train_lenet
from d2l_bn.experiments.short_training import with_and_without
from d2l_bn.experiments.study import Study

INITS = ("xavier", 0.01, 0.1, 1.0)

STUDY = Study(
    "initialization",
    "How much does the scale of the first weights matter, with and without batch normalization?",
    [
        *with_and_without(init=INITS),
        *with_and_without(activation=("relu",), lr=(0.1,), init=INITS),
    ],
    train_lenet,
    seeds=tuple(range(8)),
)
