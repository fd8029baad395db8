"""Sentences and rows about who brings the profit: the Pareto curve, and value by industry, region, tier and service level."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from crmlab.intervals import Z95
from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_words import STANDINGS, customers_said
from crmlab.report.messages import Message, is_missing, money, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

KINDS = {
    "industry": say("Industry"),
    "region": say("Region"),
    "tier": say("Customer tier"),
    "service_level": say("Service level"),
    "standing": say("Standing"),
}
"""Kinds of groups in words, in the order of the table."""
_DRAWN = ("industry", "tier", "service_level", "region")
_TERMS = {"industry": "industry", "region": "region", "tier": "tier", "service_level": "level"}
_MOST = 10  # groups of one kind that are drawn
_FALSE = 0.05  # chance of a false difference that all pairs of groups share
_NEAR = 0.05  # of the share of customers that bring 80 %: within it is 80/20


def attention(metrics: Mapping[str, Any]) -> Message | None:
    """How much of the profit a fifth of the customers brought; None where there is none to share out."""
    if is_missing(metrics.get("top_fifth_profit")):
        return None
    return say(
        "A fifth of the customers brought {share} of the profit to date: give each of them a person to call.",
        share=percent(metrics["top_fifth_profit"]),
    )


def pareto_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the Pareto curve: whether it is 80/20 here."""
    fifth, needed = metrics.get("top_fifth_profit"), metrics.get("share_for_80")
    if is_missing(fifth):
        return say("There is no profit to share out")
    words = {"share": percent(fifth)}
    if is_missing(needed):
        return say("The most profitable fifth of the customers brought {share} of the profit", **words)
    words["few"] = percent(needed)
    if fifth > 1:
        return say(
            "More uneven than 80/20: the best fifth brought {share} of the profit, as others lost money; {few} brought 80 %",
            **words,
        )
    if abs(needed - 0.2) <= _NEAR:
        return say("It is 80/20 here: {few} of the customers brought 80 % of the profit", **words)
    if needed < 0.2:
        return say("More uneven than 80/20: {few} of the customers brought 80 % of the profit", **words)
    return say("More even than 80/20: it took {few} of the customers to bring 80 % of the profit", **words)


def curve(pareto: pd.DataFrame) -> pd.DataFrame:
    """Table pareto with `percent`, the share of customers in hundredths, for the axis."""
    rows = plain(pareto).sort_values("share_customers", ignore_index=True)
    return rows.assign(percent=100 * rows["share_customers"])


def tenths_of(pareto: pd.DataFrame) -> pd.DataFrame:
    """The points of `curve` at each tenth of the customers."""
    rows = curve(pareto)
    tenth = (rows["percent"] / 10).round().astype(int)
    near = rows.assign(tenth=tenth, off=(rows["percent"] - 10 * tenth).abs())
    return near.sort_values(["tenth", "off"]).drop_duplicates("tenth").reset_index(drop=True)


def pareto_note(metrics: Mapping[str, Any]) -> Message:
    """How to read the Pareto curve, and of whom it is."""
    return say(
        "{n} with any sales, cost or value to come, from the most to the least profitable; where the line falls, customers lose money.",
        n=customers_said(metrics.get("n_valued")),
    )


def by_group(groups: pd.DataFrame) -> pd.DataFrame:
    """Table groups, one kind after the other and the highest mean first, with `kind` and `name` in words."""
    rows = plain(groups[groups["of"].isin(list(KINDS))])
    rows["place"] = rows["of"].map({kind: i for i, kind in enumerate(KINDS)})
    rows = rows.sort_values(
        ["place", "per_customer", "group"], ascending=[True, False, True], ignore_index=True
    )
    rows["kind"] = [KINDS[kind] for kind in rows["of"]]
    rows["name"] = [_name(kind, group) for kind, group in zip(rows["of"], rows["group"], strict=True)]
    return rows


def _name(kind: str, group: Any) -> Message | str:
    if kind == "standing":
        return STANDINGS.get(group, group)
    return term(_TERMS[kind], "unknown" if is_missing(group) or not group else group)


def drawn(groups: pd.DataFrame) -> pd.DataFrame:
    """The rows of `by_group` that are drawn: known groups with limits, of each kind the largest, in the order of the picture."""
    rows = by_group(groups)
    known = rows["group"].notna() & ~rows["group"].isin(["", "unknown"])
    rows = rows[rows["of"].isin(_DRAWN) & known & rows["low"].notna() & rows["high"].notna()]
    largest = rows.groupby("of")["customers"].rank(ascending=False, method="first") <= _MOST
    rows = rows[largest].assign(place=lambda x: x["of"].map({kind: i for i, kind in enumerate(_DRAWN)}))
    return rows.sort_values(
        ["place", "per_customer", "group"], ascending=[True, False, True], ignore_index=True
    )


def apart(groups: pd.DataFrame) -> tuple[pd.Series, pd.Series] | None:
    """The two groups of one kind that differ most beyond chance, the lower first; None where none do.

    Their limits must not meet, and the difference must exceed what all pairs of groups together reach by chance in 5 % of cases
    (Bonferroni), with the standard deviations that the limits imply. Limits hold what all customers share, which moves both groups
    the same way: so the claim is rather too seldom made than too often.
    """
    rows = drawn(groups)
    pairs = [pair for _, part in rows.groupby("of") for pair in combinations(part.to_dict("records"), 2)]
    if not pairs:
        return None
    z = NormalDist().inv_cdf(1 - _FALSE / 2 / len(pairs))
    found = [(abs(a["per_customer"] - b["per_customer"]), a, b) for a, b in pairs]
    sure = [
        (size, *sorted((a, b), key=lambda row: row["per_customer"]))
        for size, a, b in found
        if (a["low"] > b["high"] or b["low"] > a["high"])
        and size > z * (_error(a) ** 2 + _error(b) ** 2) ** 0.5
    ]
    if not sure:
        return None
    _, less, more = max(sure, key=lambda pair: pair[0])
    return less, more


def _error(row: Mapping[str, Any]) -> float:
    return (row["high"] - row["low"]) / (2 * Z95)


def title(groups: pd.DataFrame) -> Message:
    """The finding over the groups: which bring most and least a customer, where that is more than chance."""
    if drawn(groups).empty:
        return say("By industry, region, tier and service level: too few customers are known to tell")
    pair = apart(groups)
    if pair is None:
        return say("Value a customer: industries, regions, tiers and service levels cannot be told apart")
    less, more = pair
    return say(
        "{kind}: {more} is worth {amount} a customer, {less} {least}",
        kind=more["kind"],
        more=more["name"],
        amount=money(more["per_customer"]),
        less=less["name"],
        least=money(less["per_customer"]),
    )


GROUPS = say(
    "Mean value to come of a customer, by industry, tier, service level and region; of each kind the ten largest groups. Who has left "
    "counts nowhere but under standing. The 95 % limits are for what the group will bring: what is open of each of its customers, and what all customers share. A group "
    "below zero costs more than it brings. Groups differ in other ways too, such as their size."
)
"""How to read the picture of groups."""
