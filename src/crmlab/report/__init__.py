"""What managers read: components that a notebook calls, and the build that turns notebooks into offline pages.

A notebook opens its page and calls one component per cell::

    from crmlab import report
    from crmlab.report import say, percent

    page = report.open_page("faults", root, company, as_of)
    page.header(say("Fault causes"), say("Which cause is behind which symptom"))

Text is written in English and looked up in `locale/<language>.po`; figures are written by Babel. One run of a
notebook holds every language.
"""

from crmlab.report.blocks import Block, Card
from crmlab.report.messages import Message, Value, count, day, money, month, number, percent, say, term
from crmlab.report.opening import open_page
from crmlab.report.page import Page

__all__ = [
    "Block",
    "Card",
    "Message",
    "Page",
    "Value",
    "count",
    "day",
    "money",
    "month",
    "number",
    "open_page",
    "percent",
    "say",
    "term",
]
