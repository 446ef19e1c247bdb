r"""Training far longer than is good, watched on validation data."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import chosen_images, network, trained
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import NORMS, technique_case
from d2l_bn.training.early_stopping import EarlyStopping


def run(case: Case, seed: int, data: str) -> Measured:
    """To the end, so that what any patience would have done can be read from the curves."""
    train_iter, test_iter = chosen_images(case, seed, data)
    train_iter, validation = train_iter.hold_out(case["examples"] // 3)
    never = EarlyStopping(validation, patience=case["epochs"])
    return trained(network(case), train_iter, test_iter, case, seed, early_stopping=never)


STUDY = Study(
    "early_stopping",
    "When should training have stopped?",
    [technique_case(norm=norm, examples=1500, epochs=25) for norm in NORMS],
    run,
)
