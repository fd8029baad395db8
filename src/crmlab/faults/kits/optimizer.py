"""Which parts should travel: the best kit of at most k parts for each ticket, found by looking at every kit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from crmlab.faults.kits.assortment import (
    Assortment,
    assortment,
    number_of_kits,
    possible_parts,
    useful_parts,
)
from crmlab.faults.kits.needs import Needs
from crmlab.files import CrmlabError

OBJECTIVES = ("first_time_fix", "cost")
BLOCK_KITS = 5_000
"""Kits looked at for tickets together; above it, they are parted, and parts that cannot be in a best kit left out."""
MOST_KITS = 200_000
"""Kits looked at for one ticket."""
CELLS = 2_000_000
"""Tickets × kits held at once, 16 MB."""
TIE = 1e-9
"""A part that adds less to the chance of a fix is not carried, and kits that differ by less are equal."""
CENT_TIE = 1e-6
"""The same for a cost, in the smallest unit of the currency."""


class KitOptimizer:
    """The exact best kit of at most `max_parts` parts.

    A kit fixes at the first visit when it holds every part the repair needs and nothing else thwarts the visit. Equal
    kits: the one with fewer parts, then the cheaper, then the one whose part numbers come first.

    Parameters
    ----------
    needs : P(set of parts | cause).
    max_parts : most parts an engineer carries; 0 is allowed.
    objective : "first_time_fix" = highest chance of a fix at the first visit; "cost" = lowest expected cost.
    part_costs : part number → cost of one piece; a dictionary or a Series. Smallest unit, or whatever all other costs are in.
    handling_cost : picking, packing and taking back one part, smallest unit.
    carrying_rate : share of a part's cost that one journey costs (capital on the road, damage, paperwork of returns).
    second_visit_cost : smallest unit; `choose` takes one per ticket instead.
    thwarted : share of visits that fail although every part is there.

    Examples
    --------
    A board is needed as often as the memory, and costs ten times as much to take along for nothing.

    >>> from crmlab.faults import count_needs
    >>> needs = count_needs(pd.Series(["memory", "board"]), pd.Series([("DIMM",), ("MB",)]), strength=0)
    >>> chances = pd.DataFrame({"memory": [0.5], "board": [0.5]})
    >>> KitOptimizer(needs, max_parts=2).choose(chances)["part_2"].tolist()
    ['MB']
    >>> costs = {"part_costs": pd.Series({"DIMM": 300.0, "MB": 3_000.0}), "carrying_rate": 0.1, "second_visit_cost": 400}
    >>> KitOptimizer(needs, max_parts=2, objective="cost", **costs).choose(chances)["part_2"].tolist()
    [<NA>]
    """

    def __init__(
        self,
        needs: Needs,
        max_parts: int = 2,
        objective: str = "first_time_fix",
        part_costs: Mapping[str, float] | pd.Series | None = None,
        handling_cost: float = 0.0,
        carrying_rate: float = 0.01,
        second_visit_cost: float | None = None,
        thwarted: float = 0.0,
    ):
        self.needs = needs
        self.max_parts = max_parts
        self.objective = objective
        self.part_costs = part_costs
        self.handling_cost = handling_cost
        self.carrying_rate = carrying_rate
        self.second_visit_cost = second_visit_cost
        self.thwarted = thwarted

    def choose(
        self,
        probabilities: pd.DataFrame | np.ndarray,
        limit: np.ndarray | pd.Series | int | None = None,
        second_visit_cost: np.ndarray | pd.Series | float | None = None,
    ) -> pd.DataFrame:
        """The best kit of each ticket.

        Parameters
        ----------
        probabilities : tickets × causes, rows that sum to 1. A DataFrame names the causes by its columns, in any order
            and with causes that `needs` never saw; an array has one column per cause of `needs`.
        limit : most parts on each ticket, where that is less than `max_parts`; missing = `max_parts`.
        second_visit_cost : per ticket, smallest unit; by service level, say. Stands in for the constructor's.

        Returns
        -------
        One row per ticket, indexed as `probabilities`: `part_1` … `part_k` in the order of their numbers (missing where
        fewer are carried); `first_time_fix`, the chance of it; `expected_cost`, carrying the kit plus a second visit
        by its chance (missing where no cost of a second visit is known); `one_more`, what being allowed one more part
        would add to first_time_fix (under the objective "cost" it may take some away).

        Raises
        ------
        CrmlabError : a parameter is out of range; with objective "cost", a part or a second visit without a cost; more
            kits than can be looked at.

        Examples
        --------
        >>> from crmlab.faults.kits.needs import count_needs
        >>> tickets = pd.DataFrame({"cause": ["memory", "board", "slot"], "parts": [("DIMM",), ("MB",), ()]})
        >>> optimizer = KitOptimizer(count_needs(tickets["cause"], tickets["parts"], strength=0), max_parts=1)
        >>> optimizer.choose(pd.DataFrame({"memory": [0.5], "board": [0.3], "slot": [0.2]})).round(2).to_dict("records")
        [{'part_1': 'DIMM', 'first_time_fix': 0.7, 'expected_cost': nan, 'one_more': 0.3}]
        """
        self._refuse_out_of_range()
        table, p, index = self._by_cause(probabilities)
        n = len(p)
        limits = self._limits(limit, n)
        again = self._second_visits(second_visit_cost, n)
        costs = self._carrying()
        parts = useful_parts(self.needs, self.max_parts + 1)
        chosen = np.full((n, self.max_parts), -1)
        figures = np.full((n, 3), np.nan)
        if n:
            for rows, made in self._blocks(p, table, again, parts, costs, np.arange(n)):
                found = self._best(made, p[rows], table, limits[rows], again[rows])
                width = min(self.max_parts, made.kits.shape[1])
                place = np.array([*(parts.index(part) for part in made.parts), -1], int)
                chosen[rows, :width] = place[made.kits[found[0]][:, :width]]
                figures[rows] = np.stack(found[1:], axis=1)
        names = np.array([*parts, None], object)
        columns = {f"part_{k + 1}": pd.array(names[chosen[:, k]], "string") for k in range(self.max_parts)}
        columns |= dict(zip(("first_time_fix", "expected_cost", "one_more"), figures.T, strict=True))
        return pd.DataFrame(columns, index=index)

    def _best(
        self, made: Assortment, p: np.ndarray, table: np.ndarray, limits: np.ndarray, again: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """Of each row: its kit, its first-time fix, its expected cost, and the gain of one more part."""
        held = (1 - self.thwarted) * made.holds(table, self.needs.sets)
        step = max(CELLS // len(made.kits), 1)
        parts = [
            self._of_rows(made, held, *(a[start : start + step] for a in (p, limits, again)))
            for start in range(0, len(p), step)
        ]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _of_rows(
        self, made: Assortment, held: np.ndarray, p: np.ndarray, limits: np.ndarray, again: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        fixes = np.minimum(p @ held, 1.0)
        by_cost = self.objective == "cost"
        value = -(made.costs + (1 - fixes) * again[:, None]) if by_cost else fixes
        tie = CENT_TIE if by_cost else TIE
        every, none = np.arange(len(p)), np.zeros(len(p), int)
        best = [none]  # of at most 0, 1, … parts
        for first, last in zip(made.blocks[1:-1], made.blocks[2:], strict=True):
            block = value[:, first:last]
            top = first + (block >= block.max(axis=1, keepdims=True) - tie).argmax(axis=1)
            more = value[every, top] > value[every, best[-1]] + tie
            best.append(np.where(more, top, best[-1]))
        best = np.stack(best, axis=1)
        last = best.shape[1] - 1
        kit, next_kit = best[every, np.minimum(limits, last)], best[every, np.minimum(limits + 1, last)]
        fix = fixes[every, kit]
        cost = made.costs[kit] + (1 - fix) * again
        return kit, fix, cost, fixes[every, next_kit] - fix

    def _blocks(
        self,
        p: np.ndarray,
        table: np.ndarray,
        again: np.ndarray,
        parts: tuple[str, ...],
        costs: Mapping[str, float],
        rows: np.ndarray,
    ) -> Iterator[tuple[np.ndarray, Assortment]]:
        """Rows that share an assortment: all, or where that is too large, halves whose parts are fewer."""
        largest = self.max_parts + 1
        kits = number_of_kits(len(parts), largest)
        if kits > BLOCK_KITS:
            parts = self._pruned(p[rows], table, again[rows], parts, costs)
            kits = number_of_kits(len(parts), largest)
        if kits <= (BLOCK_KITS if len(rows) > 1 else MOST_KITS):
            yield rows, assortment(parts, largest, costs)
        elif len(rows) > 1:
            # tickets with the same likely cause need the same parts
            rows = rows[np.argsort(p[rows].argmax(axis=1), kind="stable")]
            for half in np.array_split(rows, 2):
                yield from self._blocks(p, table, again, parts, costs, half)
        else:
            raise CrmlabError(
                f"faults: {kits:,} kits of up to {largest} of {len(parts)} parts, more than the {MOST_KITS:,} "
                f"that can be looked at; lower max_parts from {self.max_parts}, or record parts by kind, not by variant"
            )

    def _pruned(
        self,
        p: np.ndarray,
        table: np.ndarray,
        again: np.ndarray,
        parts: tuple[str, ...],
        costs: Mapping[str, float],
    ) -> tuple[str, ...]:
        """The parts that may be in the best kit of one of the rows."""
        place = {part: i for i, part in enumerate(parts)}
        whole, alone = (np.zeros((len(self.needs.sets), len(parts))) for _ in range(2))
        for s, needed in enumerate(self.needs.sets):
            if all(part in place for part in needed):
                whole[s, [place[part] for part in needed]] = 1
                alone[s, [place[part] for part in needed]] = len(needed) == 1
        scale, price, tie = np.full((len(p), 1), 1 - self.thwarted), np.zeros(len(parts)), TIE
        if self.objective == "cost":
            scale = scale * again[:, None]
            price, tie = np.array([costs[part] for part in parts]), CENT_TIE
        most, least = (scale * (p @ (table @ sets)) - price for sets in (whole, alone))
        kept = possible_parts(most, least, self.max_parts + 1, tie)
        return tuple(part for part, may in zip(parts, kept, strict=True) if may)

    def _refuse_out_of_range(self) -> None:
        if self.objective not in OBJECTIVES:
            raise CrmlabError(f'objective: {self.objective!r} is unknown; write "first_time_fix" or "cost"')
        if self.max_parts != int(self.max_parts) or self.max_parts < 0:
            raise CrmlabError(f"max_parts: {self.max_parts!r} is no number of parts; write 0, 1, 2 …")
        for name, least, most in (
            ("thwarted", 0, 1),
            ("carrying_rate", 0, np.inf),
            ("handling_cost", 0, np.inf),
        ):
            if not least <= getattr(self, name) <= most:
                raise CrmlabError(
                    f"{name}: {getattr(self, name)!r} is out of range; expected {least} to {most}"
                )

    def _by_cause(
        self, probabilities: pd.DataFrame | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, pd.Index | None]:
        """P(set | cause) in the order of the columns, the probabilities, and the index of the result."""
        if isinstance(probabilities, pd.DataFrame):
            p, index = probabilities.to_numpy(float), probabilities.index
            table = self.needs.of(probabilities.columns)
        else:
            p, index, table = np.asarray(probabilities, float), None, self.needs.probabilities
            if p.ndim != 2 or p.shape[1] != len(table):
                raise CrmlabError(
                    f"probabilities: an array of shape {p.shape}; expected tickets × {len(table)} causes of needs, "
                    "or a DataFrame whose columns name the causes"
                )
        if not np.isfinite(p).all() or (p < 0).any():
            raise CrmlabError(
                "probabilities: a cell is missing or negative; expected chances that add up to 1"
            )
        return table, p, index

    def _limits(self, limit: np.ndarray | pd.Series | int | None, n: int) -> np.ndarray:
        if limit is None:
            return np.full(n, self.max_parts)
        limits = pd.to_numeric(pd.Series(np.broadcast_to(np.asarray(limit, object), n)), errors="coerce")
        limits = limits.astype(float).fillna(self.max_parts).to_numpy()
        if (limits < 0).any():
            raise CrmlabError(f"limit: {limits.min():g} is no number of parts; expected 0 or more per ticket")
        return np.minimum(limits, self.max_parts).astype(int)

    def _second_visits(self, given: np.ndarray | pd.Series | float | None, n: int) -> np.ndarray:
        """The cost of a second visit per ticket, missing where nobody knows it."""
        given = self.second_visit_cost if given is None else given
        values = pd.to_numeric(pd.Series(np.broadcast_to(np.asarray(given, object), n)), errors="coerce")
        again = values.astype(float).to_numpy()
        if self.objective == "cost" and np.isnan(again).any():
            raise CrmlabError(
                f"second_visit_cost: missing for {int(np.isnan(again).sum()):,} of {n:,} tickets; "
                'give one, or choose the objective "first_time_fix"'
            )
        if (again < 0).any():
            raise CrmlabError(f"second_visit_cost: {np.nanmin(again):g} is negative; expected 0 or more")
        return again

    def _carrying(self) -> dict[str, float]:
        """What carrying one piece of each part costs."""
        known = {} if self.part_costs is None else self.part_costs
        prices = {part: known.get(part) for part in self.needs.parts}
        unknown = [part for part, price in prices.items() if price is None or pd.isna(price)]
        if unknown and self.objective == "cost":
            raise CrmlabError(
                f"parts: no unit_cost for {', '.join(unknown)}; add it to parts.csv, "
                'or choose the objective "first_time_fix"'
            )
        return {
            part: self.handling_cost + self.carrying_rate * (0.0 if part in unknown else float(price))
            for part, price in prices.items()
        }
