"""Which spare parts a cause needs: P(set of parts | first recorded cause), counted on closed tickets.

A repair may need two parts, and a recorded cause may be wrong. Both are in the count: the needed set is what was built
in, whatever the service sheet calls it, so neither needs a model of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from crmlab.faults.kits.outputs import NEEDS
from crmlab.files import CrmlabError
from crmlab.tables import conform

PartSet = tuple[str, ...]
"""Part numbers, sorted, each once; () where a repair needs no part."""

WEAKEST, STRONGEST = 0.01, 100.0
"""Between so many tickets lies the weight of a prior that is estimated."""
NO_STRENGTH = 1e-12
"""Stands in for 0, so that a cause listed but never seen still gets its prior."""


@dataclass(frozen=True)
class Needs:
    """P(needed set of parts | first recorded cause).

    causes : the causes, sorted.
    sets : the sets of parts, fewest parts first, then by name.
    probabilities : causes × sets; rows sum to 1.
    n : tickets counted per cause.
    hits : causes × sets, tickets counted.
    unknown : the row of a cause that was never seen, one number per set.
    strength : tickets that the prior weighs.

    Examples
    --------
    >>> needs = count_needs(pd.Series(["memory", "board"]), pd.Series([("DIMM",), ("DIMM", "MB")]), strength=0)
    >>> needs.parts
    ('DIMM', 'MB')
    >>> needs.of(["board", "never seen"]).round(2).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """

    causes: tuple[str, ...]
    sets: tuple[PartSet, ...]
    probabilities: np.ndarray
    n: np.ndarray
    hits: np.ndarray
    unknown: np.ndarray
    strength: float

    @property
    def parts(self) -> PartSet:
        """Every part that some repair needed."""
        return tuple(sorted({part for needed in self.sets for part in needed}))

    def of(self, classes: Iterable[str]) -> np.ndarray:
        """The rows for the causes of a classifier, in its order: classes × sets.

        A cause that was never seen gets the row of all repairs together.
        """
        rows = pd.Index(self.causes).get_indexer(np.asarray(list(classes), object))
        table = np.vstack([self.probabilities, self.unknown])
        return table[rows]  # −1, not found, is the last row

    def table(self) -> pd.DataFrame:
        """As table `needs`: one row per cause and set seen together or expected in one repair of a hundred."""
        cause, number = np.nonzero((self.hits > 0) | (self.probabilities >= 0.01))
        frame = pd.DataFrame(
            {
                "cause": np.array(self.causes, object)[cause],
                "parts": [joined(self.sets[s]) for s in number],
                "hits": self.hits[cause, number],
                "n": self.n[cause],
                "probability": self.probabilities[cause, number],
            }
        )
        return conform(frame.sort_values(list(NEEDS.key), ignore_index=True), NEEDS)


def joined(parts: Iterable[str]) -> str:
    """Parts as people write them on a ticket; no parts are an empty text.

    >>> joined(("DIMM", "MB"))
    'DIMM、MB'
    """
    return "、".join(parts)


def learn_needs(
    tickets: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    ticket_parts: pd.DataFrame,
    parts_of: Mapping[str, Sequence[str]] | None = None,
) -> Needs | None:
    """What the causes recorded on `tickets` need: counted where parts were recorded, else from the map `parts_of`.

    Parameters
    ----------
    tickets : ticket_id, reported_at, is_open; where a model is judged later, the tickets it learnt from, and only
        those that somebody visited: what was solved on the phone says nothing about what to carry.
    ticket_causes : ticket_id, cause_no, cause.
    ticket_parts : ticket_id, part_no, qty_used; may be empty.
    parts_of : faults.parts of params.yaml, cause → part numbers.

    Returns
    -------
    None where nothing says which parts a cause needs.

    Raises
    ------
    CrmlabError : the map lacks a recorded cause.

    Examples
    --------
    >>> tickets = pd.DataFrame({"ticket_id": ["a", "b"], "reported_at": pd.Timestamp("2026-01-05"), "is_open": False})
    >>> causes = pd.DataFrame({"ticket_id": ["a", "b"], "cause_no": 1, "cause": ["memory", "board"]})
    >>> parts = pd.DataFrame({"ticket_id": ["a", "b"], "part_no": ["DIMM", "MB"], "qty_used": [2, 1]})
    >>> learn_needs(tickets, causes, parts).sets
    (('DIMM',), ('MB',))
    """
    ticket_causes = ticket_causes[ticket_causes["ticket_id"].isin(closed(tickets))]
    causes = first_causes(ticket_causes)
    needed = parts_used(tickets, ticket_parts)
    if needed.index.isin(causes.index).any():
        return count_needs(causes, needed)
    if parts_of and len(causes):
        return map_needs(ticket_causes, parts_of)
    return None


def closed(tickets: pd.DataFrame) -> pd.Series:
    """The ids of the tickets that are closed: only their parts and causes are all known."""
    return tickets.loc[~tickets["is_open"].fillna(False).astype(bool), "ticket_id"].astype(object)


def first_causes(ticket_causes: pd.DataFrame) -> pd.Series:
    """The first recorded cause of each ticket: ticket_id → cause."""
    known = ticket_causes.dropna(subset="cause").astype({"ticket_id": object, "cause": object})
    return known.sort_values("cause_no", kind="stable").groupby("ticket_id")["cause"].first()


def parts_used(tickets: pd.DataFrame, ticket_parts: pd.DataFrame) -> pd.Series:
    """What each closed ticket needed: the parts built in over all its visits, whoever carried them.

    A ticket without a row of parts needed none, as long as it lies in the time in which parts were recorded; one with
    a row whose number of used pieces nobody wrote down is left out.

    Parameters
    ----------
    tickets : ticket_id, reported_at, is_open.
    ticket_parts : ticket_id, part_no, qty_used.

    Returns
    -------
    ticket_id → sorted tuple of part numbers, in the order of `tickets`.

    Examples
    --------
    >>> tickets = pd.DataFrame({"ticket_id": ["a", "b"], "is_open": False, "reported_at": pd.Timestamp("2026-01-05")})
    >>> rows = [("a", "MB", 1), ("a", "DIMM", 2), ("a", "HDD", 0), ("b", "HDD", 0)]
    >>> parts_used(tickets, pd.DataFrame(rows, columns=["ticket_id", "part_no", "qty_used"])).to_dict()
    {'a': ('DIMM', 'MB'), 'b': ()}
    """
    rows = ticket_parts[["ticket_id", "part_no", "qty_used"]].dropna(subset=["ticket_id", "part_no"])
    silent = rows.loc[rows["qty_used"].isna(), "ticket_id"].unique()
    ids = closed(tickets)
    reported = tickets.loc[ids.index, "reported_at"]
    recorded = reported[ids.isin(rows["ticket_id"].unique())]
    ids = ids[~ids.isin(silent) & reported.between(recorded.min(), recorded.max())]
    used = rows[(rows["qty_used"] > 0).fillna(False).astype(bool) & rows["ticket_id"].isin(ids)]
    used = used.drop_duplicates(["ticket_id", "part_no"]).astype({"ticket_id": object, "part_no": object})
    return pd.Series(part_sets(used, ids), index=pd.Index(ids, name="ticket_id"), name="parts", dtype=object)


def part_sets(rows: pd.DataFrame, ids: Iterable[str]) -> np.ndarray:
    """The set of `part_no` of each ticket in `ids`, from distinct rows of ticket_id and part_no.

    Equal sets are one tuple: a million tickets share a few hundred.
    """
    parts, names = pd.factorize(rows["part_no"], sort=True)
    frame = pd.DataFrame({"ticket": rows["ticket_id"].to_numpy(object), "part": parts})
    frame = frame.sort_values(["ticket", "part"], ignore_index=True)
    starts = (frame["ticket"] != frame["ticket"].shift()).to_numpy()
    ticket = np.cumsum(starts) - 1
    place = np.arange(len(frame)) - np.flatnonzero(starts)[ticket]
    codes = np.full((starts.sum(), place.max() + 1 if len(place) else 1), -1)
    codes[ticket, place] = frame["part"]
    unique, which = np.unique(codes, axis=0, return_inverse=True)
    sets = np.empty(len(unique) + 1, object)
    sets[:] = [*(tuple(names[row[row >= 0]]) for row in unique), ()]
    at = pd.Index(frame.loc[starts, "ticket"]).get_indexer(np.asarray(list(ids), object))
    which = np.append(which.ravel(), len(unique))  # −1, without a row, is the empty set
    return sets[which[at]]


def count_needs(causes: pd.Series, needed: pd.Series, strength: float | None = None) -> Needs:
    """P(set | cause) from the needed sets of tickets, shrunk towards that of all tickets (Dirichlet).

    The prior is the share of each set among all tickets, not the cause's own single parts: it is the only one that
    also answers for a cause never seen, and its weight is estimated, so causes that need different parts keep them. On
    records as plain as these it weighs less than one ticket.

    Parameters
    ----------
    causes : ticket_id → first recorded cause.
    needed : ticket_id → sorted tuple of parts; tickets without a cause are not counted.
    strength : tickets that the prior weighs; default the value of highest marginal likelihood (Minka 2000,
        *Estimating a Dirichlet distribution*).

    Raises
    ------
    CrmlabError : no ticket has both a cause and its parts.

    Examples
    --------
    >>> causes = pd.Series(["memory"] * 4, index=list("abcd"))
    >>> sets = [("DIMM",), ("DIMM",), ("DIMM",), ("DIMM", "MB")]
    >>> needs = count_needs(causes, pd.Series(sets, index=causes.index))
    >>> needs.sets, needs.probabilities.round(2).tolist()
    ((('DIMM',), ('DIMM', 'MB')), [[0.75, 0.25]])
    """
    sets, names, hits = _counted(causes, needed)
    overall = hits.sum(axis=0) / hits.sum()
    prior = np.tile(overall, (len(names), 1))
    return _needs(names, sets, hits, prior, overall, strength)


def map_needs(
    ticket_causes: pd.DataFrame, parts_of: Mapping[str, Sequence[str]], strength: float | None = None
) -> Needs:
    """P(set | first cause) where no parts were recorded: the parts of all causes recorded on a ticket.

    The prior of a cause is its own parts, alone or together with those of a second cause, as often as tickets have one
    and by how often each is the second.

    Parameters
    ----------
    ticket_causes : ticket_id, cause_no, cause, of closed tickets.
    parts_of : cause → part numbers, [] for a cause that needs none.

    Raises
    ------
    CrmlabError : a recorded cause is not in the map; no cause is recorded.
    """
    _refuse_text(parts_of)
    known = ticket_causes.dropna(subset="cause").astype({"ticket_id": object, "cause": object})
    lacking = sorted(set(known["cause"]) - set(parts_of))
    if lacking:
        raise CrmlabError(
            f"params.yaml, faults.parts: no line for {', '.join(lacking)}; "
            "add one each, a list of part numbers, or [] where no part is needed"
        )
    part_lists = {cause: tuple(sorted({str(part) for part in parts})) for cause, parts in parts_of.items()}
    causes = first_causes(known)
    rows = known.assign(part_no=known["cause"].map(part_lists)).explode("part_no").dropna(subset="part_no")
    rows = rows.drop_duplicates(["ticket_id", "part_no"])
    needed = pd.Series(part_sets(rows, causes.index), index=causes.index, dtype=object)

    later = known.sort_values("cause_no", kind="stable").groupby("ticket_id")["cause"].nth(1)
    second = later.value_counts(normalize=True).sort_index()
    both = len(later) / max(len(causes), 1)
    expected = {
        cause: {
            parts: (1 - both) * (parts == own)
            + both * sum(share for other, share in second.items() if _union(own, part_lists[other]) == parts)
            for parts in {own, *(_union(own, part_lists[other]) for other in second.index)}
        }
        for cause, own in part_lists.items()
    }
    sets, names, hits = _counted(
        causes,
        needed,
        more_causes=part_lists,
        more_sets={parts for row in expected.values() for parts in row},
    )
    prior = np.array([[expected[cause].get(parts, 0.0) for parts in sets] for cause in names])
    return _needs(names, sets, hits, prior, hits.sum(axis=0) / hits.sum(), strength)


def _refuse_text(parts_of: Mapping[str, Sequence[str]]) -> None:
    for cause, parts in parts_of.items():
        if isinstance(parts, str) or not isinstance(parts, Sequence):
            raise CrmlabError(f"params.yaml, faults.parts, {cause}: {parts!r} is no list; write [{parts}]")


def _union(one: PartSet, other: PartSet) -> PartSet:
    return tuple(sorted({*one, *other}))


def _counted(
    causes: pd.Series, needed: pd.Series, more_causes: Iterable[str] = (), more_sets: Iterable[PartSet] = ()
) -> tuple[tuple[PartSet, ...], tuple[str, ...], np.ndarray]:
    """The sets, the causes, and how many tickets have which: causes × sets."""
    both = causes.dropna().index.intersection(needed.index)
    if not len(both):
        raise CrmlabError(
            "ticket_parts: no closed ticket has both a recorded cause and its parts; "
            "export 更换数量 (qty_used) or list the parts of each cause in params.yaml, faults.parts"
        )
    said, built_in = causes.loc[both].to_numpy(object), needed.loc[both].to_numpy(object)
    names = tuple(sorted({*said, *more_causes}))
    sets = tuple(sorted({*built_in, *more_sets}, key=lambda parts: (len(parts), parts)))
    number = {parts: s for s, parts in enumerate(sets)}
    hits = np.zeros((len(names), len(sets)), dtype="int64")
    np.add.at(hits, (pd.Index(names).get_indexer(said), [number[parts] for parts in built_in]), 1)
    return sets, names, hits


def _needs(
    names: tuple[str, ...],
    sets: tuple[PartSet, ...],
    hits: np.ndarray,
    prior: np.ndarray,
    unknown: np.ndarray,
    strength: float | None,
) -> Needs:
    n = hits.sum(axis=1)
    strength = _strength(hits, prior) if strength is None else max(float(strength), NO_STRENGTH)
    shrunk = (hits + strength * prior) / (n + strength)[:, None]
    return Needs(names, sets, shrunk / shrunk.sum(axis=1, keepdims=True), n, hits, unknown, strength)


def _strength(hits: np.ndarray, prior: np.ndarray) -> float:
    """The weight of the prior under which the counts are most likely (Dirichlet-multinomial)."""
    seen = (hits > 0) & (prior > 0)
    counts, expected, n = hits[seen], prior[seen], hits.sum(axis=1)

    def unlikely(log_weight: float) -> float:
        a = np.exp(log_weight)
        return -float(
            (gammaln(a) - gammaln(a + n)).sum()
            + (gammaln(a * expected + counts) - gammaln(a * expected)).sum()
        )

    found = minimize_scalar(unlikely, bounds=(np.log(WEAKEST), np.log(STRONGEST)), method="bounded")
    return float(np.exp(found.x))
