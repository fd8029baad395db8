"""crmlab joins what a company sold with what it repaired.

Here stand the tables and the views of earlier days; models stand in the packages of the stages (`crmlab.faults`, `crmlab.churn`, …),
the components of pages in `crmlab.report`. The lessons in notebooks/explore/ use them all.

>>> import crmlab
>>> tickets = crmlab.load("tickets")  # doctest: +SKIP
>>> crmlab.explain("tickets")  # doctest: +SKIP
>>> crmlab.schema("tickets").validate(tickets)  # doctest: +SKIP
"""

from crmlab.explore import (
    MissingData,
    as_of,
    behaviour,
    diagnosed,
    explain,
    ledger,
    load,
    needs,
    occasions,
    path_of,
    schema,
    stop_unless,
    theme,
)
from crmlab.files import CrmlabError, Project

__all__ = [
    "CrmlabError",
    "MissingData",
    "Project",
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
__version__ = "0.1.0"
