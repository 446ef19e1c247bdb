r"""Batch normalization in MXNet/Gluon, as in the chapter of *Dive into Deep Learning*."""

from d2l_bn.platform_check import require_platform

require_platform()  # a clear message before a traceback from inside MXNet

from mxnet import npx  # noqa: E402

npx.set_np()

__version__ = "0.1.0"

from d2l_bn.data.fashion_mnist import CLASS_NAMES, DataError, load_fashion_mnist  # noqa: E402
from d2l_bn.diagnostics.activation_stats import ActivationStats  # noqa: E402
from d2l_bn.networks.folding import fold  # noqa: E402
from d2l_bn.networks.lenet import lenet  # noqa: E402
from d2l_bn.networks.normalizers import NORMALIZERS  # noqa: E402
from d2l_bn.networks.population import recalibrate  # noqa: E402
from d2l_bn.norms.adaptive_instance import adaptive_instance_norm  # noqa: E402
from d2l_bn.norms.batch import BatchNorm, batch_norm  # noqa: E402
from d2l_bn.norms.batch_backward import batch_norm_backward  # noqa: E402
from d2l_bn.norms.batch_renorm import BatchRenorm, batch_renorm  # noqa: E402
from d2l_bn.norms.batch_variants import (  # noqa: E402
    FrozenBatchNorm,
    MeanOnlyBatchNorm,
    VarianceOnlyBatchNorm,
    mean_only_batch_norm,
    variance_only_batch_norm,
)
from d2l_bn.norms.group import GroupNorm, group_norm  # noqa: E402
from d2l_bn.norms.instance import InstanceNorm, instance_norm  # noqa: E402
from d2l_bn.norms.layer import LayerNorm, layer_norm  # noqa: E402
from d2l_bn.norms.moments import moments  # noqa: E402
from d2l_bn.norms.running_average import (  # noqa: E402
    from_pytorch,
    running_average,
    to_pytorch,
)
from d2l_bn.norms.standardized_weight import (  # noqa: E402
    StandardizedConv2D,
    StandardizedDense,
    standardize_weight,
)
from d2l_bn.norms.weight import WeightNorm, weight_norm  # noqa: E402
from d2l_bn.training.checkpoint import (  # noqa: E402
    Checkpoint,
    CheckpointError,
    load_weights,
    save_weights,
)
from d2l_bn.training.device import try_gpu  # noqa: E402
from d2l_bn.training.early_stopping import EarlyStopping  # noqa: E402
from d2l_bn.training.evaluation import class_accuracies, evaluate, predict  # noqa: E402
from d2l_bn.training.history import Epoch, History  # noqa: E402
from d2l_bn.training.loop import DivergenceError, train  # noqa: E402

__all__ = [
    "CLASS_NAMES",
    "NORMALIZERS",
    "ActivationStats",
    "BatchNorm",
    "BatchRenorm",
    "Checkpoint",
    "CheckpointError",
    "DataError",
    "DivergenceError",
    "EarlyStopping",
    "Epoch",
    "FrozenBatchNorm",
    "GroupNorm",
    "History",
    "InstanceNorm",
    "LayerNorm",
    "MeanOnlyBatchNorm",
    "StandardizedConv2D",
    "StandardizedDense",
    "VarianceOnlyBatchNorm",
    "WeightNorm",
    "adaptive_instance_norm",
    "batch_norm",
    "batch_norm_backward",
    "batch_renorm",
    "class_accuracies",
    "evaluate",
    "fold",
    "from_pytorch",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "lenet",
    "load_fashion_mnist",
    "load_weights",
    "mean_only_batch_norm",
    "moments",
    "predict",
    "recalibrate",
    "running_average",
    "save_weights",
    "standardize_weight",
    "to_pytorch",
    "train",
    "try_gpu",
    "variance_only_batch_norm",
    "weight_norm",
]
