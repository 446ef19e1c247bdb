"""Batch normalization in MXNet/Gluon, as in the chapter of *Dive into Deep Learning*."""

from d2l_bn.platform_check import require_platform

require_platform()  # a clear message before a traceback from inside MXNet

from mxnet import npx  # noqa: E402

npx.set_np()

__version__ = "0.1.0"
