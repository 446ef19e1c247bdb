r"""MXNet, with one clear message where it cannot run, in NumPy mode, with threads and memory set.

Every room that computes imports this before anything else, so that it does not matter which is the
first.
"""

from d2l_bn.platform_check import require_platform

require_platform()  # before a traceback from inside MXNet

from d2l_bn.threads import choose_threads  # noqa: E402

choose_threads()  # before OpenMP reads how many

from mxnet import npx  # noqa: E402

from d2l_bn._support.allocator import keep_memory  # noqa: E402

npx.set_np()
keep_memory()  # before the first array is made
