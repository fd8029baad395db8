"""What each stage needs of the exports, and what it does without: the one list behind `crmlab check`, the quality page and `clean`.

A stage says in status.json what it lacked once it has run; this says it before, from the exported tables and columns alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from crmlab.clean.judging.as_of import SAY_DAY

Effect = Literal["stops", "narrows"]
"""Without it a stage cannot answer its question at all, or answers a part of it."""


@dataclass(frozen=True)
class Gap:
    """One thing that a stage lacks.

    what : in the words of the stage's own status.json, such as `visits` or `tickets.closed_at`; catalogue context "lacks".
    effect : "stops" where the stage cannot answer without it, else "narrows".
    adds : what it would add, a phrase; context "lacks".
    without : what the stage does without it, a sentence; a message of the catalogue without context.
    """

    stage: str
    what: str
    effect: Effect
    adds: str
    without: str


@dataclass(frozen=True)
class Need:
    """A gap unless one of `any_of` is exported: each a table, or table.column."""

    any_of: tuple[str, ...]
    gap: Gap

    def met(self, present: Mapping[str, set[str]]) -> bool:
        """Whether the exported tables and columns hold one of `any_of`."""
        for wanted in self.any_of:
            table, _, column = wanted.partition(".")
            if table in present and (not column or column in present[table]):
                return True
        return False


def gaps(present: Mapping[str, set[str]]) -> list[Gap]:
    """What each stage will lack, given the columns of every exported table; in the order of the stages.

    Where it lacks a whole table, the columns of that table are not said again.

    >>> [(g.stage, g.what) for g in gaps({"sales": {"sold_at", "customer_id", "amount"}}) if g.effect == "stops"]
    [('faults', 'tickets.cause_actual'), ('service', 'tickets, complaints or surveys')]
    """
    found = [need.gap for need in NEEDS if not need.met(present)]
    lacking = {(gap.stage, gap.what) for gap in found}
    found = [
        gap for gap in found if (gap.stage, gap.what.partition(".")[0]) not in lacking or "." not in gap.what
    ]
    return list({(gap.stage, gap.what, gap.adds): gap for gap in reversed(found)}.values())[
        ::-1
    ]  # "stops" stands first


def by_what(found: Iterable[Gap]) -> dict[str, list[str]]:
    """Each missing thing once, with every sentence on what is done without it.

    >>> by_what(g for g in gaps({"tickets": {"reported_at", "cause_actual"}}) if g.what == "ticket_parts.qty_used")
    {'ticket_parts.qty_used': ['Parts travel only where ...', 'Failures are counted by cause, ...', 'Lives are those ...']}
    """
    told: dict[str, list[str]] = {}
    for gap in found:
        sentences = told.setdefault(gap.what, [])
        if gap.without not in sentences:
            sentences.append(gap.without)
    return told


def _n(stage: str, what: str, effect: Effect, adds: str, without: str, *any_of: str) -> Need:
    return Need(any_of or (what,), Gap(stage, what, effect, adds, without))


# One need per line, in the order stage, what, effect, what it would add, what happens without.
# fmt: off
NEEDS: tuple[Need, ...] = (
    _n("clean", "a table that says what day it is", "stops", "everything", "The pipeline does not run.", *(table for group in SAY_DAY for table in group)),
    _n("clean", "tickets", "narrows", "fault causes, and what a customer costs to serve", "Nothing is known of faults and of the cost to serve."),
    _n("clean", "visits", "narrows", "first-time fix and the cost of visits", "Every ticket counts as one visit."),
    _n("clean", "ticket_parts", "narrows", "which parts travelled and which were used", "Parts cost nothing, and what travelled in vain is not seen."),
    _n("clean", "customers", "narrows", "industry, region and tier; customers come from the other tables meanwhile", "Customers come from the other tables, without industry, region and tier."),
    _n("clean", "machines", "narrows", "the age and number of machines", "A machine is known by its tickets only, not by its age."),
    _n("clean", "products", "narrows", "launches and ends of support", "New and old products cannot be told apart."),
    _n("clean", "parts", "narrows", "what a spare part costs", "A part costs what its tickets say, or nothing."),
    _n("clean", "contracts", "narrows", "renewals and churn", "Nothing is known of renewals."),
    _n("clean", "sales", "narrows", "purchases and profit by customer", "Nothing is known of purchases and of profit."),
    _n("clean", "complaints", "narrows", "how complaints end, and who stays after them", "Nothing is known of complaints."),
    _n("clean", "surveys", "narrows", "what customers expected and what they met", "Satisfaction is not measured."),
    _n("clean", "interactions", "narrows", "contacts and what they cost", "Contacts outside tickets are not seen, and cost nothing."),
    _n("clean", "payments", "narrows", "who pays late", "Every amount counts as paid in time."),
    _n("clean", "quotes", "narrows", "who bargains, and for what", "Bargaining is not seen."),
    _n("clean", "service_plan", "narrows", "whether planned care was given", "Planned care is not seen."),
    _n("clean", "opportunities", "narrows", "where sales come from", "Where sales come from is not seen."),
    _n("clean", "warranty_claims", "narrows", "what the maker pays back", "The maker pays nothing back."),
    _n("faults", "tickets.cause_actual", "stops", "a forecast of the cause of every open ticket", "There are no shares of causes and no forecast."),
    _n("faults", "tickets.symptom", "narrows", "causes by symptom, and most of what a forecast knows", "A forecast knows the machine and the site only."),
    _n("faults", "tickets.cause_predicted", "narrows", "how often remote support is right, beside the model", "The model stands without remote support beside it."),
    _n("faults", "tickets.closed_at", "narrows", "which tickets are still open, and a forecast for each", "No ticket counts as open, so none gets a forecast."),
    _n("faults", "tickets.cause_actual", "narrows", "failure rates per machine-year by part and family", "Nothing says what failed."),
    _n("faults", "tickets.cause_actual", "narrows", "failures that emerge in a family or a production group", "A bad batch is not seen."),
    _n("faults", "tickets.cause_actual", "narrows", "how long parts last", "Nothing says what failed."),
    _n("faults", "ticket_parts.qty_used", "narrows", "which parts should travel", "Parts travel only where params.yaml says which cause needs which (faults.parts)."),
    _n("faults", "ticket_parts.qty_used", "narrows", "failure rates of parts; those of causes stand in", "Failures are counted by cause, not by part."),
    _n("faults", "ticket_parts.qty_used", "narrows", "lives of parts; times to a cause stand in", "Lives are those of causes, not of parts."),
    _n("faults", "machines.installed_at", "narrows", "failure rates per machine-year by part and family", "Failures are counted, but not per machine-year."),
    _n("faults", "machines.installed_at", "narrows", "emerging failures against machine-years; shares of a family's failures stand in", "A bad batch is seen later, or not at all."),
    _n("faults", "machines.installed_at", "narrows", "how long parts last", "Lives of parts are not known."),
    _n("faults", "tickets.serial_no", "narrows", "emerging failures of a batch, by serial number and installation", "A bad batch drowns in its family."),
    _n("service", "tickets, complaints or surveys", "stops", "what was promised, and what became of it", "Nothing says what was promised and what became of it.", "tickets", "complaints", "surveys"),
    _n("service", "tickets", "narrows", "whether promises were kept, first-time fix and where a repair waits", "Promises and visits are not seen."),
    _n("service", "tickets.service_level", "narrows", "which promise a ticket had", "No ticket is known to have had a promise.", "tickets.service_level", "contracts.service_level"),
    _n("service", "visits", "narrows", "first-time fix as seen by visits, reasons for second visits, response promises", "A machine that is not reported again soon counts as fixed; whether anybody came in time is not known."),
    _n("service", "visits.arrived_at", "narrows", "response promises, and where a repair waits before the visit", "Whether anybody came in time is not known."),
    _n("service", "visits.repeat_reason", "narrows", "why second visits were needed", "Second visits are counted without a reason."),
    _n("service", "tickets.closed_at", "narrows", "repair promises, first-time fix and where a repair waits", "No repair is known to be over."),
    _n("service", "contracts.promise_response_min", "narrows", "response times as agreed; those of the service level stand in", "The service level alone says how soon somebody has to be there."),
    _n("service", "contracts.promise_fix_min", "narrows", "repair times as agreed; those of the service level stand in", "The service level alone says how soon a repair has to be done."),
    _n("service", "tickets.serial_no", "narrows", "machines reported again soon after their repair", "A machine reported again is not recognised."),
    _n("service", "tickets.branch", "narrows", "promises, first-time fix and manner by branch", "Branches are not told apart."),
    _n("service", "customers.tier", "narrows", "promises and first-time fix by customer tier", "Large and small customers are not told apart."),
    _n("service", "complaints", "narrows", "what customers complain about, where complaints stick, and who stays", "Nothing is known of complaints."),
    _n("service", "complaints.resolved_at", "narrows", "how complaints ended, and who stayed after them", "Complaints are counted, but not how they ended.", "complaints.resolved_at", "complaints.step_7_at", "complaints.step_8_at"),
    _n("service", "complaints.step_1_at", "narrows", "where complaints stick", "Where complaints stick is not seen.", "complaints.step_1_at", "complaints.step_2_at", "complaints.step_3_at", "complaints.step_4_at", "complaints.step_5_at", "complaints.step_6_at", "complaints.step_7_at", "complaints.step_8_at"),
    _n("service", "surveys", "narrows", "how far service falls short of what customers expect, and what drives satisfaction", "Satisfaction is not measured."),
    _n("service", "surveys.dimension", "narrows", "service quality by dimension, and which manner each branch has", "Satisfaction is one score."),
    _n("service", "surveys.kind", "narrows", "how far service falls short of what customers expect", "What is met stands without what was expected."),
    _n("purchases", "sales", "stops", "who still buys, what to expect of them, and what was sold", "Nothing says who bought what."),
    _n("purchases", "sales.cost or sales.margin", "narrows", "margin by product, channel and region", "Sales stand without their margin.", "sales.cost", "sales.margin"),
    _n("purchases", "sales.rate or sales.list_price", "narrows", "sales by discount, and what discounts cost", "Discounts are not seen.", "sales.rate", "sales.list_price", "products.list_price"),
    _n("purchases", "sales.product_id", "narrows", "sales by product, and how volume, mix and price changed", "Products are not told apart."),
    _n("purchases", "sales.channel", "narrows", "sales by channel", "Channels are not told apart."),
    _n("purchases", "sales.region", "narrows", "sales by region", "Regions are not told apart."),
    _n("purchases", "sales.line_kind", "narrows", "contracts and fees told apart from purchases", "Every line counts as the purchase of a product."),
    _n("purchases", "products", "narrows", "series and categories of what was sold", "Sales are not summed up by category."),
    _n("churn", "contracts or sales", "stops", "who leaves, and who renews", "Nothing says who stays.", "contracts", "sales"),
    _n("churn", "contracts with outcomes", "narrows", "who will renew, and what goes with leaving", "There are no chances of renewal.", "contracts"),
    _n("churn", "contracts.outcome", "narrows", "which ends were no leaving", "An end without another contract counts as leaving, even where the customer moved or closed."),
    _n("churn", "sales", "narrows", "whether customers without a contract still buy, and what lost ones bought", "Customers without a contract are not seen."),
    _n("churn", "tickets", "narrows", "repairs, second visits and broken promises as reasons to leave", "Service is no reason to leave: only the contract itself is known."),
    _n("churn", "complaints", "narrows", "complaints and how they ended as reasons to leave", "Complaints are no reason to leave."),
    _n("churn", "surveys", "narrows", "satisfaction as a sign of staying", "Satisfaction is no sign of staying."),
    _n("churn", "payments", "narrows", "late payment as a sign of leaving", "Late payment is no sign of leaving."),
    _n("churn", "quotes", "narrows", "the price offered for the next term as a reason to leave", "The price offered is no reason to leave."),
    _n("churn", "machines", "narrows", "how many machines a customer has, and how old they are", "Large and small customers are told apart by price alone."),
    _n("value", "sales or contracts", "stops", "profit to date and value to come", "There is no income to value.", "sales", "contracts"),
    _n("value", "sales.cost or sales.margin", "narrows", "margins as booked; without them, a share of the amount", "Profit is a configured share of the amount, and is called revenue-based.", "sales.cost", "sales.margin"),
    _n("value", "contracts", "narrows", "contract income to come, by the chance of renewal", "Value to come holds no contract income."),
    _n("value", "tickets", "narrows", "the cost to serve; without it, it counts as nothing", "The cost to serve counts as nothing."),
    _n("value", "visits", "narrows", "the cost of each visit; without it, every ticket counts as one visit", "Every ticket costs one visit."),
    _n("value", "machines", "narrows", "tickets by the age of machines, and machines that will be replaced", "Tickets are expected as a customer called so far, and no replacement is."),
    _n("segments", "sales or tickets", "stops", "what customers buy and what they ask for", "There is nothing to tell types by.", "sales", "tickets"),
    _n("segments", "sales", "narrows", "what customers buy: repeats, generations, discounts, promotions, rhythm and trend", "Types rest on service alone, and fewer customers are determined."),
    _n("segments", "tickets", "narrows", "what customers ask the desk about, who pays for it and which engineer they stay with", "Types rest on purchases alone, and fewer customers are determined."),
    _n("segments", "products", "narrows", "who takes up the new early, who stays generations behind, who buys the dearer", "Early and late adopters cannot be told apart."),
    _n("segments", "machines", "narrows", "machines past support, and service beyond what the machines need", "What customers own is no evidence of their type."),
    _n("segments", "contracts", "narrows", "how long customers commit themselves and how early they renew", "Commitment is no evidence of their type."),
    _n("segments", "quotes", "narrows", "how long customers bargain, and who has prices locked", "Bargaining is no evidence of their type."),
    _n("segments", "surveys", "narrows", "what customers write about functions, prices, manners, and about how it was and will be", "What customers write in surveys is no evidence of their type."),
    _n("segments", "complaints", "narrows", "what customers complain of beside the fault", "What customers complain of is no evidence of their type."),
)
# fmt: on
"""What each stage needs that headers can show; whether there are rows enough, `ENOUGH` says."""


@dataclass(frozen=True)
class Enough:
    """A gap where fewer than `least` rows of `table` fulfil `sql`, or their `spans` (a column) cover fewer than `least` days.

    `least` is what params.yaml says by default.
    """

    table: str
    least: int
    gap: Gap
    sql: str = "true"
    spans: str = ""


# fmt: off
ENOUGH: tuple[Enough, ...] = (
    Enough("tickets", 200, Gap("faults", "more tickets with a cause", "narrows", "a forecast of the cause of every open ticket", "There are shares of causes, but no forecast."), sql="cause_actual is not null"),
    Enough("contracts", 100, Gap("churn", "more ended contracts", "narrows", "a chance of its own for each contract", "Every contract gets the chance of all."), sql="outcome in ('renewed', 'lost')"),
    Enough("sales", 360, Gap("purchases", "a year of sales", "narrows", "who still buys, and what to expect of the next horizon", "Purchases are counted, and nothing is forecast."), spans="sold_at"),
    Enough("sales", 730, Gap("purchases", "two years of sales", "narrows", "how well such forecasts did before", "Forecasts of purchases are not held against what came."), spans="sold_at"),
    Enough("sales", 730, Gap("value", "two years of sales", "narrows", "a back-test of the value to come", "Value to come is not back-tested."), spans="sold_at"),
)
# fmt: on
"""What a stage lacks although every column is there, as far as counting tells it before a run."""
