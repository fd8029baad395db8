"""What `clean` writes beside the tables of the contract: the figures of the quality page, and the rows set aside."""

from __future__ import annotations

from crmlab.tables import CONTRACT, Column, Table

_TABLE = Column("table", "label", "table of the contract")
_COLUMN = Column("column", "label", "column of the contract")

ROW_COUNTS = Table(
    "row_counts",
    "行数",
    "One row per table: raw = clean + quarantined + duplicates + filtered.",
    ("table",),
    (),
    (
        _TABLE,
        Column("files", "count", "files read"),
        Column("raw", "count", "rows in the files"),
        Column("clean", "count", "rows in the clean table that come from a file"),
        Column("quarantined", "count", "rows set aside because they cannot be used"),
        Column("duplicates", "count", "rows set aside because another has the same key or is the same"),
        Column("filtered", "count", "rows left out by `where` or because they are later than a stated as_of"),
        Column("derived", "count", "rows that `clean` added: customers whom only other tables name"),
        Column("bad_share", "number", "quarantined of the rows not filtered"),
        Column(
            "unknown_columns", "text", "headers the contract does not know, kept as x_…, joined by commas"
        ),
    ),
)

QUALITY = Table(
    "quality",
    "数据质量",
    "One row per column of an exported table, over the rows not filtered.",
    ("table", "column"),
    (),
    (
        _TABLE,
        _COLUMN,
        Column("exported", "flag", "some file has the column"),
        Column("rows", "count", "rows"),
        Column("filled", "count", "rows with something in the cell"),
        Column("unreadable", "count", "of these, cells that could not be read"),
        Column("completeness", "number", "filled / rows"),
        Column("validity", "number", "readable / filled"),
        Column("examples", "text", "up to three unreadable cells with file and line"),
    ),
)

VOLUME = Table(
    "volume",
    "月度行数",
    "One row per table and month.",
    ("table", "month"),
    (),
    (
        _TABLE,
        Column("month", "label", "month, as 2026-10"),
        Column("rows", "count", "clean rows dated in the month"),
    ),
)

QUARANTINE_REASONS = Table(
    "quarantine_reasons",
    "隔离原因",
    "One row per table and reason for which rows were set aside.",
    ("table", "column", "reason"),
    (),
    (
        _TABLE,
        _COLUMN,
        Column("reason", "label", "what is wrong, without the values"),
        Column("n", "count", "rows"),
        Column("example", "text", "first such row: file:line and the reason in full"),
    ),
)

ORPHANS = Table(
    "orphans",
    "孤立记录",
    "One row per reference from one exported table to another.",
    ("table", "column"),
    (),
    (
        _TABLE,
        _COLUMN,
        Column("refers_to", "label", "table that should know it"),
        Column("rows", "count", "clean rows that refer"),
        Column("orphans", "count", "of these, rows whose reference that table does not know"),
    ),
)


def _quarantine(table: Table) -> Table:
    return Table(
        f"quarantine/{table.name}",
        f"隔离的{table.zh}",
        f"Rows of {table.name} that were set aside, and why.",
        ("file", "line"),
        (),
        (
            Column("file", "text", "file below the company's folder"),
            Column("line", "count", "first line of the row in the file; in Parquet, the row"),
            Column("fate", "label", "quarantined or duplicate"),
            _COLUMN,
            Column("reason", "text", "`column: reason`, or the row that stays in place of this one"),
            Column("row", "text", "the cells as exported, without persons"),
        ),
    )


OUTPUTS: dict[str, Table] = {
    **{t.name: t for t in (ROW_COUNTS, QUALITY, VOLUME, QUARANTINE_REASONS, ORPHANS)},
    **{f"quarantine/{t.name}": _quarantine(t) for t in CONTRACT.values()},
}
"""The tables that `clean` writes beside tables.CLEAN, by name."""
