r"""Batch normalization in MXNet/Gluon, as in the chapter of *Dive into Deep Learning*.

``import d2l_bn`` takes a fraction of a second, and says why if MXNet cannot run here. MXNet itself
is loaded when a name is first used that needs it, and is then set to NumPy arrays for the whole
process, ``npx.set_np()``.

>>> import d2l_bn
>>> d2l_bn.lenet().norm1
BatchNorm(6, num_dims=4, eps=1e-05, momentum=0.9)

Everything else is imported from where it lives, ``from d2l_bn.norms.group import group_norm``.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from d2l_bn.platform_check import require_platform

require_platform(load=False)  # the rest, and the loading of MXNet, is for machines that can run it

__version__ = "0.2.0"

__all__ = [
    "CLASS_NAMES",
    "NORMALIZERS",
    "BatchNorm",
    "History",
    "batch_norm",
    "evaluate",
    "fold",
    "lenet",
    "load_fashion_mnist",
    "load_weights",
    "predict",
    "recalibrate",
    "resnet",
    "save_weights",
    "train",
    "try_gpu",
]

from d2l_bn.language.choice import language  # noqa: E402  (needs a Python of ours)

_HOMES = {
    "CLASS_NAMES": "data.fashion_mnist",
    "load_fashion_mnist": "data.fashion_mnist",
    "fold": "networks.folding",
    "lenet": "networks.lenet",
    "NORMALIZERS": "networks.normalizers",
    "recalibrate": "networks.population",
    "resnet": "networks.residual",
    "BatchNorm": "norms.batch",
    "batch_norm": "norms.batch",
    "load_weights": "training.weights",
    "save_weights": "training.weights",
    "try_gpu": "training.device",
    "evaluate": "training.evaluation",
    "predict": "training.evaluation",
    "History": "training.history",
    "train": "training.loop",
}
_ROOMS = (
    "data",
    "descent",
    "diagnostics",
    "exercises",
    "experiments",
    "figures",
    "language",
    "networks",
    "norms",
    "training",
)

if language() != "en":  # the reader has chosen: see d2l_bn.language.choice
    from d2l_bn.language.live import speak_in_notebook

    speak_in_notebook()

if TYPE_CHECKING:  # the same for those who read without running
    from d2l_bn.data.fashion_mnist import CLASS_NAMES, load_fashion_mnist
    from d2l_bn.networks.folding import fold
    from d2l_bn.networks.lenet import lenet
    from d2l_bn.networks.normalizers import NORMALIZERS
    from d2l_bn.networks.population import recalibrate
    from d2l_bn.networks.residual import resnet
    from d2l_bn.norms.batch import BatchNorm, batch_norm
    from d2l_bn.training.device import try_gpu
    from d2l_bn.training.evaluation import evaluate, predict
    from d2l_bn.training.history import History
    from d2l_bn.training.loop import train
    from d2l_bn.training.weights import load_weights, save_weights

if "mxnet" in sys.modules:  # there is no time to save, and arrays may come before a name of ours
    import d2l_bn._support.backend  # noqa: F401


def __getattr__(name: str) -> Any:
    """Import what is used for the first time (PEP 562)."""
    if name in _ROOMS:
        return importlib.import_module(f"d2l_bn.{name}")
    if name not in _HOMES:
        from d2l_bn._support.moved_names import find_moved

        return find_moved(name)
    value = getattr(importlib.import_module(f"d2l_bn.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
