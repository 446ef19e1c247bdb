r"""The chapter's exercises: one thing about the normalizer changed at a time."""

from d2l_bn.experiments.lenet_training import train_lenet
from d2l_bn.experiments.short_training import SHORT, SHORT_BATCH_NORM
from d2l_bn.experiments.study import Study, grid

STUDY = Study(
    "variants",
    "Which part of batch normalization does the work, and where?",
    [
        SHORT,
        SHORT_BATCH_NORM,
        *grid(SHORT_BATCH_NORM, use_bias=(False,)),
        *grid(SHORT_BATCH_NORM, placement=("after",)),
        *grid(SHORT_BATCH_NORM, places=([1], [2], [3], [4])),
        *grid(SHORT_BATCH_NORM, norm=("mean_only", "variance_only", "frozen")),
        *grid(SHORT, norm=("local_response",)),
    ],
    train_lenet,
    seeds=tuple(range(8)),
)
