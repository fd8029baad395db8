"""Exports become tables that can be trusted: every row is clean, or set aside with a reason."""

from crmlab.clean.company import Result, run
from crmlab.clean.reading.plan import check_exports, plan

__all__ = ["Result", "check_exports", "plan", "run"]
