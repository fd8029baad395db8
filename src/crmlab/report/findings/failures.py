"""Sentences and rows about failures: those that emerge, their rates, the parts of a model, lives of parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.faults.failures.outputs import ALL
from crmlab.report.findings.gaps import LIVES, PER_YEAR, SEEN_EARLY, gap
from crmlab.report.messages import Message, count, month, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Failures below which a rate is not put into words, nor drawn."""
CELLS = 12
"""Pairs of part and family that a figure shows."""
FAMILIES, PARTS = 15, 12
"""Families and parts of the table of rates."""
MODELS = 20
"""Models that a page shows."""
CURVES = 4
"""Life curves of one figure."""
LOOKED_AT = 3
"""Years after which lives are compared in words."""
PER = 100
"""Machine-years that a rate is told for."""


def group_of(row: Mapping[str, Any]) -> Message | str:
    """The production group of an alarm in words; the family alone where nothing narrows it."""
    prefix, half = row["serial_prefix"], row["installed_half"]
    family = row["machine_family"]
    if prefix != ALL and half != ALL:
        return say(
            "{family}, serial numbers {prefix}…, installed in {half}", family=family, prefix=prefix, half=half
        )
    if prefix != ALL:
        return say("{family}, serial numbers {prefix}…", family=family, prefix=prefix)
    if half != ALL:
        return say("{family}, installed in {half}", family=family, half=half)
    return say("{family}, all machines", family=family)


def alarms(emerging: pd.DataFrame) -> pd.DataFrame:
    """The alarms as rows of a table, those still on first, then the latest: with `group` and `state` as words."""
    rows = emerging.sort_values(
        ["is_on", "last_alarm", "ratio", "cause"], ascending=[False, False, False, True], ignore_index=True
    )
    rows["group"] = [group_of(row) for row in rows.to_dict("records")]
    rows["state"] = [say("still on") if on else say("over") for on in rows["is_on"]]
    return rows


def emerging_title(emerging: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the alarms: how many are on, or what was missing to look for them."""
    if emerging.empty:
        return gap(status, SEEN_EARLY) or say(
            "No failure emerged: none came more often than was to be expected"
        )
    on = int(emerging["is_on"].sum())
    if on:
        return say(
            "{n} emerging failures are still on, of {total} seen", n=count(on), total=count(len(emerging))
        )
    last = alarms(emerging).iloc[0]
    return say(
        "No emerging failure is on; seen so far: {n}, the last one {cause} on {family}, until {month}",
        n=count(len(emerging)),
        cause=term("cause", last["cause"]),
        family=last["machine_family"],
        month=month(last["last_alarm"]),
    )


def still_on(emerging: pd.DataFrame) -> Message | None:
    """The alarm that is on with the most failures beyond the expected, as something to act on; None where none is on."""
    on = emerging[emerging["is_on"].astype(bool)]
    if on.empty:
        return None
    excess = (on["n"] - on["expected"]).astype(float)
    most = on.loc[excess.idxmax()]
    return say(
        "{cause} on {group}: {n} failures in three months where {expected} were to be expected, seen since {month}: hold "
        "its part ready, look at the other machines of the group and ask the maker.",
        cause=term("cause", most["cause"]),
        group=group_of(most),
        n=count(most["n"]),
        expected=number(most["expected"]),
        month=month(most["first_alarm"]),
    )


def vocabulary(frame: pd.DataFrame) -> str:
    """Which words the column `part` holds: parts, or causes where no ticket says which parts it used."""
    return "cause" if len(frame) and bool(frame["by_cause"].iloc[0]) else "part"


def per_hundred(rates: pd.DataFrame) -> pd.DataFrame:
    """Table `rates` per hundred machine-years, the parts that fail most first."""
    rows = rates.copy()
    for name in ("rate", "low", "high", "shrunk"):
        rows[name] = PER * rows[name].astype(float)
    total = rows.groupby("part")["n"].transform("sum")
    return (
        rows.assign(total=total)
        .sort_values(["total", "part", "machine_family"], ascending=[False, True, True], ignore_index=True)
        .drop(columns="total")
    )


def largest(rates: pd.DataFrame) -> pd.DataFrame:
    """`per_hundred` of the families with the most machine-years and of the parts that fail most, for a table of both."""
    rows = per_hundred(rates)
    years = rows.groupby("machine_family")["machine_years"].max().astype(float)
    families = years.sort_index().sort_values(ascending=False, kind="stable").index[:FAMILIES]
    rows = rows[rows["machine_family"].isin(families)]
    return rows[rows["part"].isin(rows["part"].unique()[:PARTS])]


def highest(rates: pd.DataFrame) -> pd.DataFrame:
    """The pairs of part and family with the highest rates, of those with enough failures: with `name` in words."""
    words = vocabulary(rates)
    rows = per_hundred(rates[rates["n"] >= ENOUGH])
    rows = rows.sort_values(["rate", "part", "machine_family"], ascending=[False, True, True]).head(CELLS)
    names = [
        say("{part}, {family}", part=term(words, part), family=family)
        for part, family in zip(rows["part"], rows["machine_family"], strict=True)
    ]
    return rows.assign(name=names)


def rates_title(rates: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the rates: which part fails most often on which family, or what was missing."""
    if rates.empty:
        return gap(status, PER_YEAR) or say("No failure is recorded on a machine in service")
    top = highest(rates)
    if top.empty:
        return say("How often parts fail: cannot tell, none failed {n} times on one family", n=count(ENOUGH))
    first = top.iloc[0]
    figures = {
        "part": term(vocabulary(rates), first["part"]),
        "family": first["machine_family"],
        "rate": number(first["rate"]),
        "per": count(PER),
    }
    if len(top) > 1 and first["low"] <= top["high"].iloc[1:].max():
        return say(
            "{part} on {family} fails {rate} times in {per} machine-years; cannot tell whether others fail more often",
            **figures,
        )
    return say("{part} on {family} fails most often: {rate} times in {per} machine-years", **figures)


def models(failing_parts: pd.DataFrame) -> pd.DataFrame:
    """One row per machine model, the most failures first: its failures, their rate per hundred machine-years, its first parts."""
    words = vocabulary(failing_parts)
    ranked = failing_parts.sort_values(["machine_model", "rank"])
    grouped = ranked.groupby("machine_model", sort=True)
    rows = grouped.agg(
        n=("n", "sum"), machine_years=("machine_years", "first"), rate=("rate", _sum)
    ).reset_index()
    rows["rate"] = PER * rows["rate"].astype(float)
    for place in range(3):
        at = ranked[ranked["rank"] == place + 1].set_index("machine_model")
        said = {
            model: say("{part} {share}", part=term(words, part), share=percent(share))
            for model, part, share in zip(at.index, at["part"], at["share"], strict=True)
        }
        rows[f"part_{place + 1}"] = [said.get(model) for model in rows["machine_model"]]
    return rows.sort_values(["n", "machine_model"], ascending=[False, True], ignore_index=True)


def _sum(values: pd.Series) -> float:
    return values.astype(float).sum(min_count=1)


def models_title(failing_parts: pd.DataFrame) -> Message:
    """The finding over the models: which fails most often, and what fails on it."""
    rows = models(failing_parts)
    known = rows[(rows["n"] >= ENOUGH) & rows["rate"].notna()]
    if known.empty:
        first = rows.iloc[0] if len(rows) else None
        if first is None:
            return say("No failure is recorded with a machine model")
        return say(
            "Most failures are on {model}: {n}, first of all {part}",
            model=first["machine_model"],
            n=count(first["n"]),
            part=first["part_1"],
        )
    most = known.sort_values(["rate", "machine_model"], ascending=[False, True]).iloc[0]
    return say(
        "{model} fails most often, {rate} times in {per} machine-years, first of all {part}",
        model=most["machine_model"],
        rate=number(most["rate"], 0),
        per=count(PER),
        part=most["part_1"],
    )


def short_lived(life: pd.DataFrame) -> pd.DataFrame:
    """Lives over all families, of the parts that fail soonest: rows of table `life`."""
    whole = life[life["machine_family"] == ALL]
    at = whole[(whole["years"] == LOOKED_AT) & whole["survival"].notna()]
    first = at.sort_values(["survival", "part"])["part"].head(CURVES)
    rows = whole[whole["part"].isin(first)]
    place = {part: n for n, part in enumerate(first)}
    return rows.assign(place=rows["part"].map(place)).sort_values(["place", "years"], ignore_index=True)


def curves(life_curves: pd.DataFrame, life: pd.DataFrame, points: int = 16) -> pd.DataFrame:
    """The curves of those parts, in years, every other point of a long one left out."""
    shown = list(dict.fromkeys(short_lived(life)["part"]))
    rows = life_curves[(life_curves["machine_family"] == ALL) & life_curves["part"].isin(shown)]
    rows = rows.assign(place=rows["part"].map({part: n for n, part in enumerate(shown)}))
    rows = rows.sort_values(["place", "day"], ignore_index=True)
    grouped = rows.groupby("part")["day"]
    step = (grouped.transform("size") // points).clip(lower=1)
    from_end = grouped.cumcount(ascending=False)
    kept = rows[(from_end % step == 0) | (grouped.cumcount() == 0)]
    return kept.assign(years=kept["day"].astype(float) / 365.25)


def life_title(life: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the lives: which part fails soonest, if its interval lies below the next one's; or what was missing."""
    if life.empty:
        return gap(status, LIVES) or say("No part failed often enough to tell how long it lives")
    rows = short_lived(life)
    at = rows[rows["years"] == LOOKED_AT]
    if at.empty:
        return say(
            "How long parts live: no machine has been observed for {years} years", years=count(LOOKED_AT)
        )
    first = at.iloc[0]
    figures = {
        "part": term(vocabulary(life), first["part"]),
        "share": percent(1 - first["survival"]),
        "years": count(LOOKED_AT),
    }
    if len(at) > 1 and first["high"] >= at["low"].iloc[1]:
        return say(
            "{part} failed on {share} of machines within {years} years; others may fail as soon", **figures
        )
    return say("{part} fails soonest: on {share} of machines within {years} years", **figures)
