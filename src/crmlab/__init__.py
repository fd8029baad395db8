"""crmlab joins what a company sold with what it repaired.

>>> import crmlab
>>> tickets = crmlab.load("tickets")  # doctest: +SKIP
>>> crmlab.explain("tickets")  # doctest: +SKIP
>>> crmlab.schema("tickets").validate(tickets)  # doctest: +SKIP
"""

from crmlab.explore import explain, load, schema

__all__ = ["explain", "load", "schema"]
__version__ = "0.1.0"
