"""The tables of a customer's review: machines, contracts, service, open points, what is next, against the year before."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmlab.report.messages import Message, Value, count, is_missing, number, percent, say, term

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmlab.report.customer import Customer

NO_VISIT = "no visit"
"""Instead of "cannot tell": the ticket was closed, and nobody had to come."""

_OUT_OF_TEN = 10  # surveys of different scales are told on one
_STATES = {
    "solved promptly": "settled promptly",
    "solved": "settled",
    "running": "open",
    "ignored": "overdue",
}


class Review:
    """What is told about one customer; each table is made when it is first asked for.

    Parameters
    ----------
    settings : the section service of params.yaml.
    """

    def __init__(self, of: Customer, settings: Mapping[str, Any]) -> None:
        self.of, self.settings = of, settings

    def _year(self, table: str, column: str, years_ago: int = 0) -> pd.DataFrame:
        """Rows of the last 12 months, or of the 12 months before them."""
        frame = self.of.tables[table]
        end = self.of.start(years_ago)
        return frame[(frame[column] >= self.of.start(years_ago + 1)) & (frame[column] < end)]

    @cached_property
    def machines(self) -> pd.DataFrame:
        """Machines in service, those without cover and the oldest first.

        Columns serial_no, machine_model, age (years), warranty_end, support_end, no_warranty, no_support, state.
        """
        of, products = self.of, self.of.tables["products"]
        frame = _in_service(of.tables["machines"], of.today)
        ends = products.dropna().drop_duplicates("product_id").set_index("product_id")["end_of_support_at"]
        frame = frame.assign(
            age=(of.today - frame["installed_at"]).dt.days / 365.25,
            support_end=frame["machine_model"].map(ends).astype("datetime64[ns]"),
        )
        frame = frame.assign(
            no_warranty=frame["warranty_end"] < of.today, no_support=frame["support_end"] < of.today
        )
        frame["state"] = [_state(*row) for row in frame[_STATE].itertuples(index=False, name=None)]
        order = ["no_support", "no_warranty", "age", "serial_no"]
        return frame.sort_values(order, ascending=[False, False, False, True])

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """Contracts in force, to begin, or ended in the last 12 months, the last to end first; `state` says which."""
        of = self.of
        frame = of.tables["contracts"]
        frame = frame[frame["end_at"] >= of.start()].sort_values(
            ["end_at", "contract_id"], ascending=[False, True]
        )
        ended, ahead = frame["end_at"] < of.today, frame["start_at"] > of.today
        return frame.assign(state="in force").assign(
            state=lambda x: x["state"].mask(ended, "ended").mask(ahead, "to begin")
        )

    @property
    def in_force(self) -> pd.DataFrame:
        """Contracts in force today, the first to end first."""
        frame = self.contracts
        return frame[frame["state"] == "in force"].sort_values(["end_at", "contract_id"])

    @cached_property
    def tickets(self) -> pd.DataFrame:
        """Tickets of the last 12 months, the newest first.

        Columns of the tables `tickets`, clean and judged; response_h and fix_h, the hours they took on the clock of their service
        level; the verdict `NO_VISIT` on the response of those closed without a visit.
        """
        return self._judged(0)

    @cached_property
    def tickets_before(self) -> pd.DataFrame:
        """Those of the 12 months before."""
        return self._judged(1)

    def _judged(self, years_ago: int) -> pd.DataFrame:
        frame = self._year("tickets", "reported_at", years_ago)
        frame = frame.sort_values(["reported_at", "ticket_id"], ascending=False)
        visited = frame["ticket_id"].isin(self.of.tables["visits"]["ticket_id"])
        untold = frame["response"].eq("cannot tell").fillna(False) & frame["closed_at"].notna()
        # before the first visit on record, none on record is none known
        alone = untold & ~visited & (frame["reported_at"] >= self._first_visit)
        return frame.assign(
            response=frame["response"].mask(alone, NO_VISIT),
            response_h=frame["response_took"] / 3600,
            fix_h=frame["fix_took"] / 3600,
        )

    @property
    def _first_visit(self) -> pd.Timestamp:
        """The first visit of any customer; NaT where none has a time."""
        import pandas as pd

        return self.of.since.get("visits", pd.NaT)

    def happened(self, event: str, years_ago: int = 0) -> int:
        """How often `event` (a column of the stage's table `months`) happened in the 12 whole months, or in those before."""
        frame, first = self.of.tables["months"], self.of.first_month(years_ago + 1)
        inside = (frame["month"] >= str(first)) & (frame["month"] <= str(first + 11))
        return int(frame.loc[inside, event].sum())

    @cached_property
    def recognised(self) -> bool:
        """Whether a machine of this customer would be known again: a closed ticket names its serial number."""
        frame = self.of.tables["tickets"]
        return bool((frame["serial_no"].notna() & frame["closed_at"].notna()).any())

    @cached_property
    def months(self) -> pd.DataFrame:
        """Tickets by whole month over two years, months without any included: columns month, tickets."""
        import pandas as pd

        of = self.of
        reported = of.tables["tickets"]["reported_at"]
        last = (of.today + pd.Timedelta(days=1)).to_period("M") - 1
        first = max(last - 23, of.since["tickets"].to_period("M")) if "tickets" in of.since else last
        months = pd.period_range(first, last, freq="M")
        n = reported.dt.to_period("M").value_counts().reindex(months, fill_value=0)
        frame = pd.DataFrame({"month": months.astype(str), "tickets": n.to_numpy()})
        return frame if n.sum() else frame.head(0)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Parts built in in the last 12 months: part_no, part_name, n, most first."""
        return self._parts(self.tickets)

    def _parts(self, tickets: pd.DataFrame) -> pd.DataFrame:
        frame = self.of.tables["ticket_parts"]
        used = frame[frame["ticket_id"].isin(tickets["ticket_id"]) & (frame["qty_used"] > 0)]
        used = used.assign(part_name=used["part_name"].fillna(used["part_no"]))
        n = used.groupby(["part_no", "part_name"], as_index=False)["qty_used"].sum()
        return n.rename(columns={"qty_used": "n"}).sort_values(["n", "part_no"], ascending=[False, True])

    @cached_property
    def complaints(self) -> pd.DataFrame:
        """Complaints of the last 12 months with their `state` and the day they were settled on, the newest first.

        The state is missing where the exports do not say when complaints were settled.
        """
        return self._complaints(0)

    def _complaints(self, years_ago: int) -> pd.DataFrame:
        rows = self._year("complaints", "received_at", years_ago)
        settled = rows["end"].isin(["solved", "solved promptly"])
        unjust = rows["valid"].eq(False).fillna(False).astype(bool)
        return rows.assign(
            state=rows["end"].map(_STATES).mask(unjust & ~settled, "not upheld"),
            settled_on=rows["ended_at"].where(settled & rows["working_days"].notna()),
        ).sort_values(["received_at", "complaint_id"], ascending=False)

    @cached_property
    def answers(self) -> pd.DataFrame:
        """Survey answers of the last 12 months out of ten: dimension, expected, met, n (answers on what was met)."""
        import pandas as pd

        rows = self._year("surveys", "answered_at")
        rows = rows.assign(
            ten=_OUT_OF_TEN * rows["score"].astype(float) / rows["scale_max"].astype(float),
            dimension=rows["dimension"].fillna("overall"),
        )
        wished = (rows["kind"] == "expectation").fillna(False).astype(bool)
        met = rows[~wished].groupby("dimension")["ten"]
        frame = pd.DataFrame(
            {"expected": rows[wished].groupby("dimension")["ten"].mean(), "met": met.mean(), "n": met.size()}
        )
        return frame[frame["n"] > 0].rename_axis("dimension").reset_index().sort_values(["met", "dimension"])

    def rating(self, years_ago: int = 0) -> tuple[float | None, int]:
        """The mean of what was met, out of ten, and the number of questionnaires."""
        rows = self._year("surveys", "answered_at", years_ago)
        rows = rows[(rows["kind"] != "expectation").fillna(True).astype(bool)]
        if rows.empty:
            return None, 0
        ten = _OUT_OF_TEN * rows["score"].astype(float) / rows["scale_max"].astype(float)
        return float(ten.mean()), rows["survey_id"].nunique()

    @cached_property
    def open_points(self) -> pd.DataFrame:
        """What is not done: kind, which, since, days, amount, detail; the oldest of each kind first.

        Open tickets and complaints known to be unsettled of any age (not those found unjustified), payments past their day, and
        activities of the last 12 months that were planned and not done.
        """
        import pandas as pd

        t, today = self.of.tables, self.of.today
        tickets = t["tickets"][t["tickets"]["is_open"].eq(True).fillna(False)]
        unjust = t["complaints"]["valid"].eq(False).fillna(False)
        complaints = t["complaints"][t["complaints"]["end"].isin(["running", "ignored"]) & ~unjust]
        payments = t["payments"][t["payments"]["paid_at"].isna() & (t["payments"]["due_at"] < today)]
        plan = self._year("service_plan", "planned_for")
        plan = plan[plan["done_at"].isna() & (plan["planned_for"] < today)]
        rows = [
            *_points("ticket", tickets, "ticket_id", "reported_at", "symptom"),
            *_points("complaint", complaints, "complaint_id", "received_at", "kind", "complaint"),
            *_points("overdue payment", payments, "payment_id", "due_at", amount="amount"),
            *_points("planned activity", plan, None, "planned_for", "activity", "activity"),
        ]
        frame = pd.DataFrame(rows, columns=["kind", "which", "since", "amount", "detail"])
        frame["since"] = pd.to_datetime(frame["since"]).dt.normalize()
        return frame.assign(days=(today - frame["since"]).dt.days)

    @cached_property
    def ahead(self) -> pd.DataFrame:
        """What the next 12 months bring, by day: day, kind, which, detail."""
        import pandas as pd

        t, today = self.of.tables, self.of.today
        tickets = t["tickets"][t["tickets"]["is_open"].eq(True).fillna(False)]
        plan = t["service_plan"][t["service_plan"]["done_at"].isna()]
        dated = [
            *_points("contract ends", self.contracts, "contract_id", "end_at", "service_level"),
            *_points("contract begins", self.contracts, "contract_id", "start_at", "service_level"),
            *_points("warranty ends", self.machines, "serial_no", "warranty_end", "machine_model"),
            *_points("support ends", self.machines, "serial_no", "support_end", "machine_model"),
            *_points("planned activity", plan, None, "planned_for", "activity", "activity"),
            *_points("visit agreed", tickets, "ticket_id", "appointed_at", "symptom"),
        ]
        frame = pd.DataFrame(dated, columns=["kind", "which", "day", "amount", "detail"])
        frame["day"] = pd.to_datetime(frame["day"]).dt.normalize()
        soon = (frame["day"] >= today) & (frame["day"] < today + pd.DateOffset(years=1))
        return frame[soon].sort_values(["day", "kind", "which"]).drop(columns="amount")

    @cached_property
    def against(self) -> pd.DataFrame:
        """The last 12 months against the 12 before: what, now, before; empty cells where it cannot be told.

        Later visits and repeat calls are of whole months, as the stage `service` counts them.
        """
        import pandas as pd

        of, rows = self.of, []
        if "machines" in of.exported:
            then = of.today - pd.DateOffset(years=1)
            n = [len(_in_service(of.tables["machines"], day)) for day in (of.today, then)]
            rows.append((say("Machines in service"), count(n[0]), count(n[1])))
        if "tickets" in of.exported:
            known = of.comparable("tickets")
            years = (self.tickets, self.tickets_before)
            rows.append(_row(say("Tickets"), [count(len(y)) for y in years], known))
            if not is_missing(self._first_visit):
                later = [count(self.happened("second_visits", ago)) for ago in (0, 1)]
                rows.append(
                    _row(say("Visits after the first"), later, of.comparable("visits", by_month=True))
                )
            if self.recognised:
                again = [count(self.happened("repeats", ago)) for ago in (0, 1)]
                what = say(
                    "Repeat calls for a machine within {days} days of its repair",
                    days=count(self.settings["repeat_days"]),
                )
                rows.append(_row(what, again, of.comparable("tickets", by_month=True)))
            for column, what in (("response", say("Response in time")), ("fix", say("Repair in time"))):
                if any(any(tally(y, column)) for y in years):
                    rows.append(_row(what, [_share(*tally(y, column)) for y in years], known))
            if "ticket_parts" in of.exported:
                used = [count(int(self._parts(y)["n"].sum())) for y in years]
                rows.append(_row(say("Parts replaced"), used, known))
        if "complaints" in of.exported:
            known, years = of.comparable("complaints"), [self._complaints(ago) for ago in (0, 1)]
            rows.append(_row(say("Complaints"), [count(len(y)) for y in years], known))
            if any(y["end"].notna().any() for y in years):
                promptly = [count((y["state"] == "settled promptly").sum()) for y in years]
                what = say(
                    "Complaints settled within {days} working days", days=count(self.settings["prompt_days"])
                )
                rows.append(_row(what, promptly, known))
        if "surveys" in of.exported:
            rated = [number(self.rating(ago)[0]) for ago in (0, 1)]
            rows.append(_row(say("Rating out of ten"), rated, of.comparable("surveys")))
        return pd.DataFrame(rows, columns=["what", "now", "before"])


def tally(tickets: pd.DataFrame, column: str) -> tuple[int, int]:
    """How many promises of `column` ("response", "fix") were kept, and how many were broken."""
    verdicts = tickets[column]
    return int((verdicts == "kept").sum()), int((verdicts == "broken").sum())


def _share(kept: int, broken: int) -> Value:
    return percent(kept / (kept + broken) if kept + broken else None)


def _row(what: Message, values: list[Value], known: bool) -> tuple[Message, Value, Value | None]:
    return what, values[0], values[1] if known else None


def _in_service(machines: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    there = machines["installed_at"].isna() | (machines["installed_at"] <= day)
    return machines[there & (machines["retired_at"].isna() | (machines["retired_at"] > day))]


_STATE = ["warranty_end", "support_end", "no_warranty", "no_support"]


def _state(warranty_end: Any, support_end: Any, no_warranty: bool, no_support: bool) -> str | None:
    """What a machine's dates say; None where it has none."""
    if no_warranty and no_support:
        return "out of warranty and support"
    if no_support:
        return "out of support"
    if no_warranty:
        return "out of warranty"
    return None if warranty_end != warranty_end and support_end != support_end else "covered"


def _points(
    kind: str,
    frame: pd.DataFrame,
    which: str | None,
    when: str,
    detail: str | None = None,
    context: str | None = None,
    amount: str | None = None,
) -> list[tuple[Any, ...]]:
    """(kind, which, when, amount, detail) of each row that has a day, the oldest first; `context` makes the detail a word of the trade."""
    frame = frame[frame[when].notna()].sort_values([when, *([which] if which else [])])
    said = list(frame[detail].astype(object).where(frame[detail].notna(), None)) if detail else []
    return list(
        zip(
            [kind] * len(frame),
            frame[which] if which else [None] * len(frame),
            frame[when],
            frame[amount].astype(object).where(frame[amount].notna(), None)
            if amount
            else [None] * len(frame),
            ([term(context, x) if x else None for x in said] if context else said) or [None] * len(frame),
            strict=True,
        )
    )
