"""All kits of at most k parts, and the chance with which each holds every part that a repair needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from scipy import sparse

from crmlab.faults.kits.needs import Needs


@dataclass(frozen=True)
class Assortment:
    """Every kit of at most `largest` of `parts`: fewest parts first, then the cheaper, then by name.

    kits : kits × largest, places in `parts`, in their order; −1 where a kit has fewer.
    sizes : parts in each kit.
    costs : what carrying each kit costs.
    blocks : the first kit of each size, and the number of kits: kits of s parts are blocks[s] to blocks[s + 1].
    """

    parts: tuple[str, ...]
    kits: np.ndarray
    sizes: np.ndarray
    costs: np.ndarray
    blocks: np.ndarray

    def holds(self, needs: np.ndarray, sets: tuple[tuple[str, ...], ...]) -> np.ndarray:
        """P(the kit holds what is needed | cause): causes × kits, from P(set | cause), causes × sets."""
        place = {part: p for p, part in enumerate(self.parts)}
        within = [s for s, needed in enumerate(sets) if all(part in place for part in needed)]
        wanted = [[place[part] for part in sets[s]] for s in within]
        lengths = np.array([len(needed) for needed in wanted], int)
        rows = np.repeat(np.arange(len(within)), lengths)
        members = _members(
            rows, np.array([part for row in wanted for part in row], int), (len(within), len(self.parts))
        )
        kit, slot = np.nonzero(self.kits >= 0)
        carried = _members(kit, self.kits[kit, slot], (len(self.kits), len(self.parts)))
        shared = (carried @ members.T).tocsr()
        shared.data = (shared.data == lengths[shared.indices]).astype(float)
        nothing = needs[:, [s for s, needed in enumerate(sets) if not needed]].sum(axis=1)
        return np.asarray(shared @ needs[:, within].T).T + nothing[:, None]


def assortment(parts: tuple[str, ...], largest: int, costs: Mapping[str, float]) -> Assortment:
    """Enumerate the kits; `costs` gives what carrying one piece costs, 0 where it is silent.

    Examples
    --------
    >>> made = assortment(("DIMM", "MB"), 2, {})
    >>> made.kits.tolist()
    [[-1, -1], [0, -1], [1, -1], [0, 1]]
    """
    largest = min(largest, len(parts))
    price = np.array([costs.get(part, 0.0) for part in parts] + [0.0])
    kits = []
    for size in range(largest + 1):
        number = comb(len(parts), size)
        chosen = np.full((number, largest), -1)
        chosen[:, :size] = np.array(list(combinations(range(len(parts)), size)), int).reshape(number, size)
        # combinations come in the order of the names: a stable sort keeps it among equal costs
        order = np.argsort(price[chosen].sum(axis=1).round(6), kind="stable")
        kits.append(chosen[order])
    table = np.vstack(kits)
    blocks = np.cumsum([0, *(len(k) for k in kits)])
    return Assortment(parts, table, (table >= 0).sum(axis=1), price[table].sum(axis=1), blocks)


def number_of_kits(parts: int, largest: int) -> int:
    """How many kits of at most `largest` of so many parts there are.

    >>> number_of_kits(11, 2)
    67
    """
    return sum(comb(parts, size) for size in range(min(largest, parts) + 1))


def useful_parts(needs: Needs, largest: int) -> tuple[str, ...]:
    """The parts that some needed set of at most `largest` parts holds: no other part can complete anything."""
    return tuple(sorted({part for needed in needs.sets if len(needed) <= largest for part in needed}))


def possible_parts(most: np.ndarray, least: np.ndarray, largest: int, tie: float) -> np.ndarray:
    """Which parts may be in the best kit of some row, of any size up to `largest`: a mask over the parts.

    No kit loses more than `most` by leaving a part at home, and any gains at least `least` by taking one in. Where
    `largest` other parts each gain more than this one can lose, one of them is not in the kit, and the exchange pays: the
    part is in no best kit of that row. Nor is one that cannot gain at all.

    Parameters
    ----------
    most, least : rows × parts; what a part brings where all else that it needs is there, and what it brings alone.
    tie : the difference below which two kits are equal.
    """
    kept = most > tie
    if most.shape[1] > largest:
        others = np.sort(least, axis=1)[:, -largest]
        kept &= most >= others[:, None] - 2 * tie
    return kept.any(axis=0)


def _members(rows: np.ndarray, parts: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows)), (rows, parts)), shape=shape)
