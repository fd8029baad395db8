"""What `clean` makes of the dirt: every planted fault is caught, every cell that can be read is read as it was."""

from pathlib import Path

import exports
import pandas as pd
import pytest

from crmlab import sample, tables
from crmlab.sample import export

CUSTOMERS = 220
CONTRADICTS = {
    "closed_before_opened",
    "resolved_before_received",
    "score_above_scale",
    "negative_amount",
    "impossible_date",
}
UNREADABLE = {"impossible_date", "not_available", "unknown_customer", "empty", "name_variant"}
"""Kinds after which a cell is not what it was, though its row may stay."""
WITHHELD = {"person", "private", "text"}


@pytest.fixture(scope="module")
def cleaned(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> exports.Cleaned:
    return exports.run(simulated, tmp_path_factory.mktemp("cleaned") / "out", max_bad_share=0.05)


@pytest.fixture(scope="module")
def dirt() -> pd.DataFrame:
    made = [export.exported(2009, chunk, CUSTOMERS)[2] for chunk in export.chunks(2009, CUSTOMERS)]
    return pd.concat(made, ignore_index=True)


@pytest.fixture(scope="module")
def true() -> dict[str, pd.DataFrame]:
    return sample.tables(CUSTOMERS, dirt=False)


def is_fatal(row: pd.Series) -> bool:
    """The row cannot be used: it contradicts itself, or a required date is no date."""
    required = row["column"] and tables.CONTRACT[row["table"]].column(row["column"]).required
    return row["kind"] in CONTRADICTS and (row["kind"] != "impossible_date" or required)


@pytest.mark.parametrize("name", list(tables.CONTRACT))
def test_every_planted_fault_is_caught_and_nothing_else(cleaned, dirt, true, name):
    planted = dirt[dirt["table"] == name]
    fatal = planted[planted.apply(is_fatal, axis=1)] if len(planted) else planted
    twice = planted[planted["kind"] == "duplicate"]
    counts = cleaned.counts(name)
    assert counts["quarantined"] == len(fatal)
    assert counts["duplicates"] == len(twice)
    assert counts["raw"] == len(true[name]) + len(twice)


@pytest.mark.parametrize("name", list(tables.CONTRACT))
def test_every_readable_cell_is_read_as_it_was(cleaned, dirt, true, name):
    """Dates in all their forms, money, full-width digits, GB18030, semicolons, a workbook, other headers."""
    table = tables.CONTRACT[name]
    key = list(table.key)
    read = cleaned.table(name).set_index(key)
    was = true[name].set_index(key)
    if name == "customers":  # those that only other tables name are added
        read = read[read["known"]]
    rows = was.index.intersection(read.index)
    assert len(rows) == cleaned.counts(name)["clean"]
    planted = dirt[(dirt["table"] == name) & dirt["kind"].isin(UNREADABLE)]
    spoilt = {row["column"] for _, row in planted.iterrows() if not is_fatal(row)}
    if name == "tickets":
        spoilt |= {"customer_id", "closed_at"}  # left out by who types the name; the later one of two stays
    for column in table.columns:
        if column.kind in WITHHELD or column.name in (*key, *spoilt) or column.name not in read:
            continue
        found, expected = read.loc[rows, column.name], was.loc[rows, column.name]
        if column.kind == "time":  # 2009.01.08 and 2009年1月8日 leave the time of day out
            day = found.dt.normalize()
            expected = expected.where(found != day, expected.dt.normalize())
        pd.testing.assert_series_equal(found, expected, check_dtype=False, obj=column.name)


def test_cells_that_cannot_be_read_are_few_and_listed(cleaned, dirt, true):
    """In the columns that dirt spoils, only the listed cells differ."""
    for name, column, key in (
        ("payments", "paid_at", "payment_id"),
        ("complaints", "resolved_at", "complaint_id"),
        ("quotes", "customer_id", "quote_id"),
    ):
        read, was = (frame.set_index(key)[column] for frame in (cleaned.table(name), true[name]))
        rows = was.index.intersection(read.index)
        same = (read[rows] == was[rows]).fillna(False) | (read[rows].isna() & was[rows].isna())
        differ = rows[~same]
        listed = dirt[(dirt["table"] == name) & (dirt["column"] == column) & dirt["kind"].isin(UNREADABLE)]
        assert sorted(differ) == sorted(listed["key"]), name
