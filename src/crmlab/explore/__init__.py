"""The analyst's door: tables with their meaning, what was known on an earlier day, and what a notebook needs to run."""

from crmlab.explore.earlier_days import as_of, behaviour, diagnosed, ledger, occasions
from crmlab.explore.needs import MissingData, needs, stop_unless
from crmlab.explore.tables import explain, load, path_of, schema
from crmlab.explore.theme import theme

__all__ = [
    "MissingData",
    "as_of",
    "behaviour",
    "diagnosed",
    "explain",
    "ledger",
    "load",
    "needs",
    "occasions",
    "path_of",
    "schema",
    "stop_unless",
    "theme",
]
