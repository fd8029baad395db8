"""Exports become tables that can be trusted: every row is clean, or set aside with a reason."""

from crmlab.clean.company import Result, run
from crmlab.clean.plan import plan

__all__ = ["Result", "plan", "run"]
