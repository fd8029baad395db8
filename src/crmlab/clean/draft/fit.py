"""How well the values of a column fit what the contract says of one of its columns."""

from __future__ import annotations

from crmlab.clean.draft.facts import Facts
from crmlab.tables import Column, Table


def fit(facts: Facts, table: Table, column: Column) -> float:
    """From 0 (these values would be useless there) to 1, whatever the header says.

    An empty column fits nothing; one that is filled in part fits less.
    """
    if not facts.filled or column.kind == "private":
        return 0.0
    found = _FITS[column.kind](facts, table, column)
    return found * (0.6 + 0.4 * facts.share_filled)


def reads_as(facts: Facts) -> str:
    """What the values are, in words."""
    if not facts.filled:
        return "empty"
    if facts.share("time") >= 0.5:
        if facts.spoken:
            return f"dates as {facts.spoken}"
        return f"dates as {' or '.join(facts.formats)}" if facts.formats else "dates"
    if facts.share("flag") >= 0.95 and facts.distinct <= 3:
        return "yes or no"
    if facts.share("number") >= 0.9 and facts.low is not None:
        decimals = facts.points > 0.2 or facts.comma > 0.2
        sort = (
            "numbers with decimals"
            if decimals
            else "whole numbers"
            if facts.share("count") > 0.9
            else "numbers"
        )
        return f"{sort}, {facts.low:,.10g} to {facts.high:,.10g}"
    if facts.unique == 1 and facts.filled > 1:
        return "another one on every line"
    if facts.words >= 3 and facts.unique > 0.2:
        return f"free text, {facts.words:.0f} words"
    if facts.distinct == 1:
        return "always the same"
    return (
        f"{facts.distinct:,} different, each {facts.filled / facts.distinct:,.0f} times"
        if facts.unique < 0.5
        else f"{facts.distinct:,} different"
    )


def _moment(facts: Facts, *_: object) -> float:
    share = facts.share("time")
    return share if share >= 0.5 else 0.0


def _number(facts: Facts, _: Table, column: Column) -> float:
    share = max(facts.share("number"), facts.comma)
    if share < 0.6 or _is_day_number(facts):
        return 0.0
    if column.not_negative and facts.negative > 0.05 * facts.filled:
        return 0.0  # these rows would be quarantined
    return share * (0.6 if facts.distinct <= 2 and facts.filled > 50 else 1.0)


def _money(facts: Facts, table: Table, column: Column) -> float:
    share = max(facts.share("money"), facts.comma)
    if share < 0.6 or _is_day_number(facts):
        return 0.0
    if column.not_negative and facts.negative > 0.05 * facts.filled:
        return 0.0
    if not facts.symbol and facts.points == 0 and facts.unique > 0.95 and facts.filled > 50:
        return 0.3  # numbers that name something
    if facts.negative > 0.4 * facts.filled:
        return 0.2  # standardised figures, not amounts
    return share * (0.3 if facts.distinct <= 2 and facts.filled > 50 else 1.0)


def _count(facts: Facts, table: Table, column: Column) -> float:
    whole = facts.share("count")
    return 0.0 if whole < 0.6 or _is_day_number(facts) else _number(facts, table, column)


def _flag(facts: Facts, *_: object) -> float:
    return facts.share("flag") if facts.share("flag") >= 0.8 and facts.distinct <= 6 else 0.0


def _choice(facts: Facts, _: Table, column: Column) -> float:
    known = {w.lower() for choice, others in column.choices.items() for w in (choice, *others)}
    share = sum(n for value, n in facts.top if value.lower() in known) / facts.filled
    return share if share >= 0.5 else 0.0


def _id(facts: Facts, table: Table, column: Column) -> float:
    if (
        facts.share("time") >= 0.5
        or facts.points > 0.3
        or facts.comma > 0.3
        or facts.length > 60
        or facts.words > 6
    ):
        return 0.0
    if facts.share("flag") >= 0.95 and facts.distinct <= 2:
        return 0.0
    if facts.negative > 0.01 * facts.filled:
        return 0.0
    if column.name == table.key[0]:
        return 1.0 if facts.unique > 0.98 else 0.8 if facts.distinct > 20 else 0.3
    return 1.0 if facts.distinct > 20 or facts.filled < 100 else 0.7 if facts.distinct > 2 else 0.3


def _person(facts: Facts, *_: object) -> float:
    texts = facts.share("time") < 0.5 and facts.words <= 5 and facts.points < 0.3
    return (1.0 if facts.distinct > 2 or facts.filled < 20 else 0.3) if texts else 0.0


def _label(facts: Facts, *_: object) -> float:
    if facts.share("time") >= 0.5 or facts.points > 0.3 or facts.comma > 0.3:
        return 0.0
    if facts.share("flag") >= 0.95 and facts.distinct <= 2:
        return 0.1
    if facts.words > 8:
        return 0.2
    if facts.share("number") > 0.9 and facts.unique > 0.5 and facts.filled > 50:
        return 0.2
    return 1.0


def _text(facts: Facts, *_: object) -> float:
    if facts.share("time") >= 0.5 or facts.share("number") > 0.8:
        return 0.0
    if facts.share("flag") >= 0.95 and facts.distinct <= 2:
        return 0.0
    return 1.0 if facts.words >= 2 and facts.distinct > 10 else 0.8 if facts.distinct > 10 else 0.5


def _is_day_number(facts: Facts) -> bool:
    return facts.share("time") >= 0.9


_FITS = {
    "date": _moment, "time": _moment, "money": _money, "number": _number, "count": _count, "flag": _flag,
    "choice": _choice, "id": _id, "person": _person, "label": _label, "text": _text,
}  # fmt: skip
