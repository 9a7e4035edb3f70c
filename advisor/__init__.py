"""A neutral advisor: which kind of partner, CMO, CRO or CDMO, fits a drug sponsor's brief, and why.

>>> from advisor import advise
>>> advise({"needs": ["api_development", "clinical_trials"]}).verdict.recommendation
('cdmo',)
"""

from advisor.api import Advice, Brief, Knowledge, Verdict, advise, load_knowledge, read_brief
from advisor.errors import AdvisorError, BriefError, DataError, EvaluationError, Issue, Place

__all__ = [
    "Advice",
    "AdvisorError",
    "Brief",
    "BriefError",
    "DataError",
    "EvaluationError",
    "Issue",
    "Knowledge",
    "Place",
    "Verdict",
    "advise",
    "load_knowledge",
    "read_brief",
]
