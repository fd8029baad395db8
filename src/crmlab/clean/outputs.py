"""What `clean` writes beside the tables of the contract: the figures of the quality page, and the rows set aside."""

from __future__ import annotations

from crmlab.tables import CONTRACT, Column, Table

_TABLE = Column("table", "label", "table of the contract")
_COLUMN = Column("column", "label", "column of the contract")

ROW_COUNTS = Table(
    "row_counts",
    "行数",
    "One row per table: raw = clean + quarantined + duplicates + filtered + unusable.",
    ("table",),
    (),
    (
        _TABLE,
        Column("files", "count", "files read"),
        Column("raw", "count", "rows in the files"),
        Column("clean", "count", "rows in the clean table that come from a file"),
        Column("quarantined", "count", "rows set aside because they cannot be used"),
        Column("duplicates", "count", "rows set aside because another has the same key or is the same"),
        Column(
            "filtered",
            "count",
            "rows left out by `where`, `keep` or rules.py, or because they are later than a stated as_of",
        ),
        Column("unusable", "count", "rows without a fault of their own in a table that is withheld"),
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

UNIQUENESS = Table(
    "uniqueness",
    "唯一性",
    "One row per exported table: how far its key names one row.",
    ("table",),
    (),
    (
        _TABLE,
        Column("key", "label", "columns of the key, joined by +"),
        Column("repeated", "count", "rows set aside because another has their key, or is the same"),
        Column("copies", "count", "of these, rows that are the same in every cell"),
        Column("unnumbered", "count", "rows without a key of their own: copies among them cannot be seen"),
        Column("example", "text", "first row set aside: file:line and the row that stays"),
    ),
)

FRESHNESS = Table(
    "freshness",
    "时效",
    "One row per exported table: how far its rows reach towards the as-of day.",
    ("table",),
    (),
    (
        _TABLE,
        Column("column", "label", "column whose days count; empty where the table has none"),
        Column("first_day", "date", "first day with rows"),
        Column("last_day", "date", "last day with rows up to the as-of day"),
        Column("behind", "count", "from there to the as-of day", unit="d"),
        Column("pause", "count", "longest time between two days with rows in the two years before", unit="d"),
        Column(
            "late",
            "flag",
            "behind by more than a week and clearly more than that; empty where that cannot be told",
        ),
    ),
)

VOLUME = Table(
    "volume",
    "月度行数",
    "One row per table and month, those without rows included; volume.py has the rule of the verdict.",
    ("table", "month"),
    (),
    (
        _TABLE,
        Column("month", "label", "month, as 2026-10"),
        Column("rows", "count", "clean rows dated in the month"),
        Column(
            "expected",
            "number",
            "rows that the year before and the season lead one to expect; empty where they cannot tell",
        ),
        Column("low", "number", "fewest rows that are no break"),
        Column("high", "number", "most rows that are no break"),
        Column(
            "verdict",
            "label",
            "missing, low, high, level (three or more months on one side), filling (low, but rows may follow); empty: no break",
        ),
    ),
)

FILES = Table(
    "files",
    "文件",
    "One row per file: what became of its rows (those that the mapping keeps).",
    ("table", "file"),
    (),
    (
        _TABLE,
        Column("file", "text", "file below the company's folder"),
        Column("rows", "count", "rows"),
        Column("clean", "count", "rows used"),
        Column("quarantined", "count", "rows set aside because they cannot be used"),
        Column("duplicates", "count", "rows set aside because another has the same key or is the same"),
        Column("filtered", "count", "rows later than a stated as_of"),
        Column("unusable", "count", "rows without a fault of their own in a table that is withheld"),
        Column("first_day", "date", "first day of the rows used"),
        Column("last_day", "date", "last day of the rows used"),
    ),
)

GAPS = Table(
    "gaps",
    "缺口",
    "One row per stage and thing that it will lack, by the exported tables and columns alone.",
    ("n",),
    (),
    (
        Column("n", "count", "place in the order of the stages"),
        Column("stage", "label", "stage"),
        Column("what", "label", "table or column that it lacks"),
        Column("effect", "label", "stops: it cannot answer without; narrows: it answers a part"),
        Column("adds", "text", "what it would add"),
        Column("without", "text", "what the stage does without it"),
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
        Column("example", "text", "a reference that it does not know"),
    ),
)


CUSTOMER_ALIASES = Table(
    "customer_aliases",
    "客户别名",
    "One row per customer as written that may be another one spelled two ways; for people to confirm.",
    ("raw_name",),
    (),
    (
        Column("raw_name", "label", "customer as rows name it, by name or by number"),
        Column("customer_id", "id", "customer it may be"),
        Column("customer_name", "label", "that customer's name"),
        Column(
            "method",
            "label",
            "why: same name, same letters, other company form, other order of words, similar",
        ),
        Column("score", "count", "how surely, to 100"),
        Column("rows", "count", "clean rows that name it"),
    ),
)


OWN_RULES = Table(
    "own_rules",
    "自定规则",
    "One row per thing that the company's own rules.py did to a table.",
    ("table", "change", "column"),
    (),
    (
        _TABLE,
        Column("change", "label", "rows left out, cells changed, or column added"),
        Column("column", "label", "column; `-` for whole rows"),
        Column("n", "count", "rows or cells"),
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
            Column(
                "fate",
                "label",
                "quarantined, duplicate, filtered by the company's rules.py, or unusable: its table is withheld",
            ),
            _COLUMN,
            Column(
                "reason", "text", "`column: reason`, the row that stays in place of this one, or the rule"
            ),
            Column("row", "text", "the cells as exported, without persons"),
        ),
    )


OUTPUTS: dict[str, Table] = {
    **{
        t.name: t
        for t in (
            ROW_COUNTS,
            QUALITY,
            UNIQUENESS,
            ORPHANS,
            FRESHNESS,
            VOLUME,
            FILES,
            QUARANTINE_REASONS,
            GAPS,
            CUSTOMER_ALIASES,
            OWN_RULES,
        )
    },
    **{f"quarantine/{t.name}": _quarantine(t) for t in CONTRACT.values()},
}
"""The tables that `clean` writes beside tables.CLEAN, by name."""
