r"""Claims of the course's sources and of its own lessons, a topic a file, and the court of all.

:data:`court` has the claims by name, judged as :mod:`d2l_bn.experiments.judgement` says: ask it,
``court["larger_learning_rate"].judge()``. What is measured is in ``results/``; what is exact is
computed. A claim of a new topic goes into a file of that topic, in its list ``CLAIMS``.
"""

from d2l_bn.experiments.judgement import Court

from . import (
    activations,
    algebra,
    algebra_of_descent,
    batch_noise,
    batch_size,
    covariate_shift,
    devices,
    dropout,
    gradients,
    initialization,
    learning_rates,
    placement,
    practice,
    prediction_statistics,
    residual_networks,
    rules,
    schedules,
    siblings,
    smoothness,
    transformers,
    weight_decay,
)

__all__ = ["court"]

BENCHES = (
    learning_rates,
    initialization,
    covariate_shift,
    gradients,
    smoothness,
    placement,
    batch_size,
    prediction_statistics,
    devices,
    siblings,
    batch_noise,
    dropout,
    weight_decay,
    rules,
    schedules,
    transformers,
    activations,
    practice,
    residual_networks,
    algebra,
    algebra_of_descent,
)
court = Court(*(bench.CLAIMS for bench in BENCHES))
