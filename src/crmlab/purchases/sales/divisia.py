"""Additive decomposition of the change of a product of factors."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, log1p, prod


def divisia(before: Sequence[float], now: Sequence[float]) -> list[float]:
    """What each factor adds to the change of their product: the logarithmic mean Divisia index, LMDI-I in its additive form.

    A factor that grew from a to b adds L · ln(b / a), where L = (V₁ − V₀) / ln(V₁ / V₀) is the logarithmic mean of the products
    V₀ and V₁. The parts add up to V₁ − V₀ without a remainder, do not depend on the order of the factors, and change their signs
    when the years change places.

    Parameters
    ----------
    before, now : the factors of each year, all positive.

    References
    ----------
    Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33, 867-871.

    Examples
    --------
    Twice as many customers, each with as many purchases as before, of half the amount each:

    >>> [round(part, 2) for part in divisia((10, 2, 50), (20, 2, 25))]
    [693.15, 0.0, -693.15]
    """
    old, new = prod(before), prod(now)
    grown = new - old
    mean = grown / log1p(grown / old) if grown else old
    return [mean * log(b / a) for a, b in zip(before, now, strict=True)]
