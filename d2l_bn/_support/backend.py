r"""MXNet, with one clear message where it cannot run, and in NumPy mode.

Every room that computes imports this before anything else, so that it does not matter which is the
first.
"""

from d2l_bn.platform_check import require_platform

require_platform()  # before a traceback from inside MXNet

from mxnet import npx  # noqa: E402

npx.set_np()
