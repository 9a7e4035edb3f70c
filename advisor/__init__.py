"""A neutral advisor: which kind of partner, CMO, CRO or CDMO, fits a drug sponsor's brief, and why.

>>> from advisor import advise
>>> advise({"needs": ["api_development", "clinical_trials"]}).verdict.recommendation
('cdmo',)
"""

from typing import TYPE_CHECKING, Any

from advisor.api import Advice, Brief, Knowledge, Verdict, advise, load_knowledge, read_brief, read_brief_in_words
from advisor.errors import AdvisorError, BriefError, DataError, EvaluationError, Issue, Place

if TYPE_CHECKING:
    from advisor.batch import evaluate_table

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
    "evaluate_table",
    "load_knowledge",
    "read_brief",
    "read_brief_in_words",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module holds is of any type
    """Load what needs arrays and tables when it is first asked for: advice on one brief needs neither."""
    if name == "evaluate_table":
        from advisor.batch import evaluate_table

        return evaluate_table
    message = f"module 'advisor' has no attribute '{name}'"
    raise AttributeError(message)
