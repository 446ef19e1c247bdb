r"""The normalizers at a large batch size; with ReLU, so that the plain network trains as well."""

from d2l_bn.experiments.lenet_training import train_lenet
from d2l_bn.experiments.short_training import SHORT, SHORT_BATCH_NORM
from d2l_bn.experiments.study import Study, grid

RELU = {"activation": "relu", "lr": 0.1}
PLAIN = {**SHORT, **RELU}

STUDY = Study(
    "family",
    "How do the normalizers compare when batches are large?",
    [
        PLAIN,
        {**SHORT_BATCH_NORM, **RELU},
        *grid(PLAIN, norm=("layer", "instance", "group", "local_response")),
        *grid(PLAIN, weights=("normalized", "standardized")),
        *grid(PLAIN, norm=("group",), weights=("standardized",)),
        *grid(PLAIN, weights=("normalized",), lr=(1.0, 3.0)),
    ],
    train_lenet,
)
