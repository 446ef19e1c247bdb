r"""Names that ``d2l_bn`` had at its top until version 0.2, and where each is now."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

__all__ = ["MOVED", "find_moved"]

MOVED = {
    "ActivationStats": "diagnostics.activation_stats",
    "BatchRenorm": "norms.batch_renorm",
    "Checkpoint": "training.checkpoint",
    "CheckpointError": "training.checkpoint",
    "DataError": "data.fashion_mnist",
    "DivergenceError": "training.loop",
    "EarlyStopping": "training.early_stopping",
    "Epoch": "training.history",
    "FrozenBatchNorm": "norms.batch_variants",
    "GroupNorm": "norms.group",
    "InstanceNorm": "norms.instance",
    "LayerNorm": "norms.layer",
    "MeanOnlyBatchNorm": "norms.batch_variants",
    "StandardizedConv2D": "norms.standardized_weight",
    "StandardizedDense": "norms.standardized_weight",
    "VarianceOnlyBatchNorm": "norms.batch_variants",
    "WeightNorm": "norms.weight",
    "adaptive_instance_norm": "norms.adaptive_instance",
    "batch_norm_backward": "norms.batch_backward",
    "batch_renorm": "norms.batch_renorm",
    "class_accuracies": "training.evaluation",
    "from_pytorch": "norms.running_average",
    "group_norm": "norms.group",
    "instance_norm": "norms.instance",
    "layer_norm": "norms.layer",
    "mean_only_batch_norm": "norms.batch_variants",
    "moments": "norms.moments",
    "running_average": "norms.running_average",
    "standardize_weight": "norms.standardized_weight",
    "to_pytorch": "norms.running_average",
    "variance_only_batch_norm": "norms.batch_variants",
    "weight_norm": "norms.weight",
}


def find_moved(name: str) -> Any:
    """What ``d2l_bn.<name>`` was, with a warning that names the new import."""
    if name not in MOVED:
        raise AttributeError(f"module 'd2l_bn' has no attribute {name!r}")
    home = f"d2l_bn.{MOVED[name]}"
    warnings.warn(
        f"d2l_bn.{name} has moved: from {home} import {name}", DeprecationWarning, stacklevel=3
    )
    return getattr(importlib.import_module(home), name)
