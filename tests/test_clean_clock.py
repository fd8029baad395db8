"""Times that state their zone become what the company's clocks showed."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from exports import cleaned, ingested, run
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "派单号,报修时间,故障现象,完成时间\n"


def times(tmp_path, *cells, zone="Asia/Shanghai", more=""):
    text = HEAD + "".join(f"T{n},{cell},2026-10-01T00:00:00Z,\n" for n, cell in enumerate(cells))
    return [r["reported_at"] for r in ingested(tmp_path, {"tickets.csv": text}, f"time_zone: {zone}\n{more}")]


@pytest.mark.parametrize(
    ("written", "wall"),
    [
        ("2026-10-01T09:30:00Z", "2026-10-01 17:30:00"),
        ("2026-10-01T09:30Z", "2026-10-01 17:30:00"),
        ("2026-10-01 09:30:00 UTC", "2026-10-01 17:30:00"),
        ("2026-10-01T09:30:00+08:00", "2026-10-01 09:30:00"),
        ("2026-10-01T09:30:00+0530", "2026-10-01 12:00:00"),
        ("2026-10-01 09:30:00.250-05", "2026-10-01 22:30:00.25"),
        ("2026/10/1 20:30:00+00:00", "2026-10-02 04:30:00"),
    ],
)
def test_a_stated_zone_is_brought_to_the_company_s(tmp_path, written, wall):
    assert times(tmp_path, written) == [wall]


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-01 09:30:00",
        "2026-10-01",
        "2026-10-01 14:00-16:00",
        "2026-10-01 09:00-11:00",
        "2026-99-01T09:30:00Z",
        "Z",
        "２０２６－１０－０１　０９：３０",
    ],
)
def test_what_states_no_zone_stays_as_written(tmp_path, written):
    assert times(tmp_path, written, "2026-10-01T09:30:00Z") == [written, "2026-10-01 17:30:00"]


def test_only_times_are_touched(tmp_path):
    row = ingested(tmp_path, {"tickets.csv": HEAD + "T1,2026-10-01T09:30:00Z,2026-10-01T09:30:00Z,\n"})[0]
    assert row["symptom"] == "2026-10-01T09:30:00Z"


def test_stated_forms_may_have_a_zone(tmp_path):
    more = 'tables: {tickets: {dates: ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y"]}}'
    assert times(tmp_path, "01/10/2026 09:30:00Z", more=more) == ["2026-10-01 17:30:00"]


def test_an_hour_that_clocks_show_twice_keeps_its_order_and_is_no_fault(tmp_path):
    """Berlin, 25 October 2026: 02:30 in summer time, then 02:15 in winter time, three quarters of an hour later."""
    text = (
        HEAD.replace("派单号,", "")
        + "2026-10-25T00:30:00Z,a,2026-10-25T01:15:00Z\n2026-03-29T00:30:00Z,b,2026-03-29T01:15:00Z\n"
    )
    done = cleaned(tmp_path, {"tickets.csv": text}, "time_zone: Europe/Berlin")
    tickets = done.table("tickets").sort_values("reported_at")
    assert tickets["reported_at"].iloc[0] == pd.Timestamp("2026-03-29 01:30")
    assert tickets["closed_at"].iloc[0] == pd.Timestamp("2026-03-29 03:15"), "clocks went forward"
    counts = done.counts("tickets")
    assert counts["raw"] == counts["clean"] + counts["quarantined"] == 2


def test_parquet_with_a_time_zone(tmp_path):
    folder = tmp_path / "raw" / "acme"
    folder.mkdir(parents=True)
    moments = pd.to_datetime(["2026-10-01 09:30"], utc=True)
    pd.DataFrame({"reported_at": moments, "symptom": ["a"]}).to_parquet(folder / "tickets.parquet")
    assert run(folder, tmp_path / "out").table("tickets")["reported_at"][0] == pd.Timestamp(
        "2026-10-01 17:30"
    )


@settings(max_examples=15, deadline=None)
@given(
    moments=st.lists(st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2037, 1, 1)), min_size=1, max_size=40),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Kolkata"]),
    minutes=st.integers(-12 * 60, 14 * 60),
)
def test_it_agrees_with_the_time_zone_database(tmp_path_factory, moments, zone, minutes):
    at = [m.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=minutes))) for m in moments]
    found = times(tmp_path_factory.mktemp("zone"), *(m.isoformat() for m in at), zone=zone)
    assert found == [str(m.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for m in at]
