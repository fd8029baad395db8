"""The simulated company, the only one whose truth is known; for tests, benchmarks and the command line only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["tables", "truth", "write", "write_truth"]


def tables(customers: int = 1200, seed: int = 2009, dirt: bool = True) -> dict[str, pd.DataFrame]:
    """The tables of the first `customers` customers of the company of `seed`.

    With `dirt` as exported: text under Chinese headers, 1-2 % of rows flawed. Without, as a flawless `clean` would write
    them: contract names, stored types, money in fen, derived columns, ticket_causes; ids of persons as exported.

    >>> sample.tables(customers=50, dirt=False)["tickets"].dtypes  # doctest: +SKIP
    """
    import pandas as pd

    from . import export, record

    made: dict[str, list[pd.DataFrame]] = {}
    for chunk in export.chunks(seed, customers):
        if dirt:
            texts, _, _ = export.exported(seed, chunk, customers)
            parts = {name: export.in_chinese(name, frame) for name, frame in texts.items()}
        else:
            parts = record.record(chunk, customers)
        for name, frame in parts.items():
            made.setdefault(name, []).append(frame)
    whole = {name: pd.concat(frames, ignore_index=True) for name, frames in made.items()}
    for name, catalogue in record.CATALOGUES.items():
        whole[name] = catalogue()
        if dirt:
            whole[name] = export.in_chinese(name, export.spelled(name, whole[name]))
    if dirt:
        return whole
    whole = {name: record.typed(name, frame) for name, frame in whole.items()}
    whole["ticket_causes"] = record.ticket_causes(whole["tickets"])
    return whole


def __getattr__(name: str):
    if name == "write":
        from .export import write

        return write
    if name in ("truth", "write_truth"):
        from . import ground_truth

        return getattr(ground_truth, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
