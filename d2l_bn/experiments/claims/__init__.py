r"""Claims of the source documents, each with the measurement that judges it.

:data:`CLAIMS` has them all, by row. What is measured is in ``results/``; what is exact is computed.
"""

from . import document_000, document_001, document_002, document_003, document_004
from .claim import Claim
from .verdict import CONDITION, FAILS, HOLDS, Verdict, judge

__all__ = ["CLAIMS", "CONDITION", "FAILS", "HOLDS", "Claim", "Verdict", "judge"]

DOCUMENTS = (document_000, document_001, document_002, document_003, document_004)
CLAIMS = sorted((claim for part in DOCUMENTS for claim in part.CLAIMS), key=lambda claim: claim.row)
