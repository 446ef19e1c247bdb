r"""Processes that train one network together: who they are, what they add up, who starts them.

Each worker has a copy of the network and a part of each batch. What they must agree on are sums:
of the gradients, and, for synchronized batch normalization, of the moments. MXNet's key-value
store (``dist_sync``) adds: every worker pushes an array under a name, a server sums what has come
for that name, and every worker pulls the sum. :mod:`.group` is this process's side of it;
``d2l_bn._support.launcher`` starts a scheduler, a server and the workers, and ends all if one of
them dies.

Source: Li et al. 2014, *Scaling Distributed Machine Learning with the Parameter Server*, OSDI.
"""

import d2l_bn._support.backend  # noqa: F401
