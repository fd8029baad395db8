"""The simulated company of the demo, made once per test process; its frames are shared, so tests read and do not write."""

from functools import cache

import pandas as pd

from crmlab import sample
from crmlab.sample import company


@cache
def typed() -> dict[str, pd.DataFrame]:
    """The tables of 1,200 customers as a flawless `clean` would write them."""
    return sample.tables(dirt=False)


@cache
def exported() -> dict[str, pd.DataFrame]:
    """The same as exported, dirt and all."""
    return sample.tables()


@cache
def chunk(number: int) -> company.Chunk:
    """What happened to 400 customers, truth and all."""
    return company.play(2009, number)


def chunks(n: int) -> list[company.Chunk]:
    """The first `n` chunks."""
    return [chunk(number) for number in range(n)]
