"""Whatever the rows are, each is clean, quarantined, a duplicate or filtered, and it is the one a plain reading says."""

import csv
import io
from datetime import datetime

from exports import run, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAYS = {
    "2026-10-01": datetime(2026, 10, 1),
    "2026.10.2 9:30": datetime(2026, 10, 2, 9, 30),
    "２０２６年10月3日": datetime(2026, 10, 3),
    "2026-02-30": None,
    "N/A": None,
    "": None,
}
rows = st.lists(
    st.tuples(
        st.sampled_from(["T1", " T1 ", "T2", "Ｔ2", "T3", ""]),
        st.sampled_from(list(DAYS)),
        st.sampled_from(["黄灯", "", '两\n行, "引"']),
        st.sampled_from(list(DAYS)),
        st.sampled_from(["DE", "FR"]),
    ),
    max_size=25,
)


def fate(row) -> str:
    _, reported, _, closed, country = row
    if country == "FR":
        return "filtered"
    if DAYS[reported] is None:
        return "quarantined"
    early = DAYS[closed] and DAYS[closed] < DAYS[reported] and DAYS[closed].date() != DAYS[reported].date()
    return "quarantined" if early else "good"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_every_row_has_the_fate_a_plain_reading_gives_it(tmp_path_factory, rows):
    rows = [*rows, ("T9", "2026-10-01", "x", "", "DE")]  # one that is surely clean, so that there is a day
    text = io.StringIO()
    csv.writer(text).writerows([("派单号", "报修时间", "故障现象", "完成时间", "country"), *rows])
    folder = write(
        tmp_path_factory.mktemp("rows") / "acme",
        {"tickets.csv": text.getvalue().encode()},
        "tables: {tickets: {where: \"country <> 'FR'\"}}",
    )
    done = run(folder, folder.parent / "out", max_bad_share=1)
    good = [r for r in rows if fate(r) == "good"]
    numbers = [n or i for i, n in enumerate(r[0].strip().replace("Ｔ", "T") for r in good)]
    assert done.counts("tickets") == {
        "raw": len(rows),
        "clean": len(set(numbers)),
        "quarantined": sum(fate(r) == "quarantined" for r in rows),
        "duplicates": len(good) - len(set(numbers)),
        "filtered": sum(fate(r) == "filtered" for r in rows),
        "unusable": 0,
    }
    assert len(done.table("tickets")) == len(set(numbers))
    assert len(done.table("quarantine/tickets")) == len(rows) - len(set(numbers)) - sum(
        fate(r) == "filtered" for r in rows
    )
