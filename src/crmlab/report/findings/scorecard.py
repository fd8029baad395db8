"""The figures that `clean` writes about a company's exports, in one hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmlab.files import read_json, read_table

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.page import Page

_READ = ("row_counts", "quality", "uniqueness", "orphans", "freshness", "volume", "files", "gaps")


@dataclass(frozen=True)
class Scorecard:
    """The tables of clean/outputs.py by name, and what else the page rests on.

    as_of : what as_of.json holds.
    limit : share of a table's rows set aside above which it is withheld; `withheld` holds such tables: share, column, reason.
    before : figures as of the previous day of the company (compared.py), empty without one; `earlier` is that day.
    """

    row_counts: pd.DataFrame
    quality: pd.DataFrame
    uniqueness: pd.DataFrame
    orphans: pd.DataFrame
    freshness: pd.DataFrame
    volume: pd.DataFrame
    files: pd.DataFrame
    reasons: pd.DataFrame
    gaps: pd.DataFrame
    aliases: pd.DataFrame
    as_of: Mapping[str, Any]
    limit: float
    withheld: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    before: Mapping[str, float] = field(default_factory=dict)
    earlier: str | None = None

    @classmethod
    def read(cls, page: Page) -> Scorecard:
        """What `clean` wrote for the project of `page`."""
        folder = page.project.processed("clean")
        tables = {name: read_table(folder / f"{name}.parquet") for name in _READ}
        earlier = page.earlier
        return cls(
            **tables,
            reasons=read_table(folder / "quarantine_reasons.parquet"),
            aliases=read_table(folder / "customer_aliases.parquet"),
            as_of=read_json(folder / "as_of.json"),
            limit=page.company["max_bad_share"],
            withheld=page.quality.withheld,
            before=earlier.pages.get("clean", {}) if earlier else {},
            earlier=earlier.as_of if earlier else None,
        )

    @property
    def report_month(self) -> str:
        """The last complete month, "2026-10"."""
        return self.as_of["report_month"]

    @property
    def exported(self) -> pd.DataFrame:
        """The row counts of the tables that a file holds."""
        return self.row_counts[self.row_counts["files"].fillna(0) > 0]

    @property
    def absent(self) -> list[str]:
        """The tables that no file holds, in the order of the contract's names."""
        return sorted(self.row_counts.loc[self.row_counts["files"].fillna(0) == 0, "table"])

    @property
    def used_share(self) -> float | None:
        """Clean rows of all rows that the mapping and the as-of day leave in."""
        total = self.row_counts[["raw", "clean", "filtered"]].sum()
        judged = int(total["raw"] - total["filtered"])
        return int(total["clean"]) / judged if judged else None
