r"""Claims of the course's sources, each with the measurement that judges it.

:data:`SOURCES` has them by source, :data:`CLAIMS` all of them. What is measured is in ``results/``;
what is exact is computed.

:data:`court` has the claims by name, judged as :mod:`d2l_bn.experiments.judgement` says: ask it,
``court["larger_learning_rate"].judge()``. A claim of a new topic goes into a file of that topic,
in its list ``CLAIMS``. (``CLAIMS``, ``SOURCES`` and ``judge`` here are the older ones, and go.)
"""

from d2l_bn.experiments.judgement import Court

from . import (
    activations,
    algebra,
    algebra_of_descent,
    batch_noise,
    batch_size,
    chapter,
    covariate_shift,
    devices,
    dropout,
    gradients,
    initialization,
    interview_questions,
    learning_rates,
    lecture,
    normalization_layers,
    placement,
    practice,
    prediction_statistics,
    rules,
    schedules,
    siblings,
    smoothness,
    training_tricks,
    weight_decay,
)
from .claim import Claim
from .verdict import CONDITION, FAILS, HOLDS, Verdict, judge

__all__ = ["CLAIMS", "CONDITION", "FAILS", "HOLDS", "SOURCES", "Claim", "Verdict", "court", "judge"]

SOURCES: dict[str, list[Claim]] = {
    "chapter": chapter.CLAIMS,
    "interview questions": interview_questions.CLAIMS,
    "normalization layers": normalization_layers.CLAIMS,
    "training tricks": training_tricks.CLAIMS,
    "lecture": lecture.CLAIMS,
}
CLAIMS = [claim for claims in SOURCES.values() for claim in claims]

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
    activations,
    practice,
    algebra,
    algebra_of_descent,
)
court = Court(*(bench.CLAIMS for bench in BENCHES))
