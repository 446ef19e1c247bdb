r"""Learning rates from 0.03 to 30, with and without batch normalization."""

from d2l_bn.experiments.lenet_training import train_lenet
from d2l_bn.experiments.short_training import with_and_without
from d2l_bn.experiments.study import Study

STUDY = Study(
    "learning_rate",
    "How large can the learning rate be, with and without batch normalization?",
    with_and_without(activation=("sigmoid", "relu"), lr=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)),
    train_lenet,
)
