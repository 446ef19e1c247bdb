r"""Claims of the course's sources, each with the measurement that judges it.

:data:`SOURCES` has them by source, :data:`CLAIMS` all of them. What is measured is in ``results/``;
what is exact is computed.
"""

from . import chapter, interview_questions, lecture, normalization_layers, training_tricks
from .claim import Claim
from .verdict import CONDITION, FAILS, HOLDS, Verdict, judge

__all__ = ["CLAIMS", "CONDITION", "FAILS", "HOLDS", "SOURCES", "Claim", "Verdict", "judge"]

SOURCES: dict[str, list[Claim]] = {
    "chapter": chapter.CLAIMS,
    "interview questions": interview_questions.CLAIMS,
    "normalization layers": normalization_layers.CLAIMS,
    "training tricks": training_tricks.CLAIMS,
    "lecture": lecture.CLAIMS,
}
CLAIMS = [claim for claims in SOURCES.values() for claim in claims]
