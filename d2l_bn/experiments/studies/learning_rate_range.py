r"""Learning rates from 1e-6 to 1e6, one epoch each."""

from itertools import product

from d2l_bn.experiments.lenet_training import train_lenet
from d2l_bn.experiments.study import Study
from d2l_bn.experiments.technique_case import NORMS, technique_case

RATES = (1e-6, 1e-5, 1e-3, 0.1, 1.0, 1e6)

STUDY = Study(
    "learning_rate_range",
    "Which learning rates are too small and which too large?",
    [
        technique_case(norm=norm, lr=lr, examples=4000, epochs=1)
        for lr, norm in product(RATES, NORMS)
    ],
    train_lenet,
    seeds=tuple(range(8)),
)
