"""`crmlab map` on real exports as a new user has them: one file under its own name, no mapping.

The truth is our own reading of each set, made before the draft was run: which header a person who knows the contract would place where.
`None` as header stands for what no header supplies (an expression, a constant, the rows of a questionnaire). `either` are headers that
are as right; a column of `open` may be placed or not.
"""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crmlab.clean.draft import draft
from crmlab.clean.quality.check import check

pytestmark = pytest.mark.real
DATA = Path(__file__).parents[1] / "../shared/data"


@dataclass
class Truth:
    file: str
    table: str
    columns: dict[str, tuple[str | None, ...]]
    open: set[str] = field(default_factory=set)
    runs: bool = True
    floor: int = 0


TRUTH = {
    "uci_incident_log": Truth(
        "uci_incident_log/incident_event_log.csv.gz",
        "tickets",
        {
            "ticket_id": ("number",),
            "reported_at": ("opened_at",),
            "symptom": ("u_symptom",),
            "machine_model": ("cmdb_ci",),
            "cause_actual": ("closed_code",),
            "engineer_id": ("assigned_to", "resolved_by"),
            "closed_at": ("closed_at", "resolved_at"),
            "branch": ("location",),
            "service_kind": ("category",),
            "channel": ("contact_type",),
            "priority": ("priority", "urgency"),
            "promise_kept": ("made_sla",),
            "reopened": ("reopen_count",),
        },
        open={"customer_id"},
        floor=12,
    ),
    "cdnow": Truth(
        "cdnow/cdnow_master.csv.gz",
        "sales",
        {"customer_id": ("customer_id",), "sold_at": ("date",), "qty": ("quantity",), "amount": ("amount",)},
        floor=4,
    ),
    "excavator_mwo": Truth(
        "excavator_mwo/excavators_raw.csv.gz",
        "tickets",
        {
            "reported_at": ("BscStartDate",),
            "serial_no": ("Asset",),
            "symptom": ("OriginalShorttext",),
            "service_kind": ("PMType",),
            "visits.cost": ("Cost",),
        },
        floor=3,
    ),
    "online_retail": Truth(
        "online_retail/online_retail_2010.parquet",
        "sales",
        {
            "order_id": ("Invoice",),
            "product_id": ("StockCode",),
            "qty": ("Quantity",),
            "sold_at": ("InvoiceDate",),
            "unit_price": ("Price",),
            "customer_id": ("Customer ID",),
            "region": ("Country",),
            "amount": (None,),
            "is_return": (None,),
            "line_kind": (None,),
        },
        floor=8,
    ),
    "ecsi_mobile": Truth(
        "ecsi_mobile/ecsi_mobile_DEV.csv",
        "surveys",
        {"item": (None,), "score": (None,), "scale_max": (None,), "survey_id": (None,)},
        runs=False,
        floor=4,
    ),
    "open_repair": Truth(
        "open_repair/repairs.csv.gz",
        "tickets",
        {
            "ticket_id": ("id_ords",),
            "reported_at": ("event_date",),
            "symptom": ("problem",),
            "machine_model": ("product_category", "model"),
            "cause_actual": ("fault_type",),
            "branch": ("data_provider",),
        },
        floor=4,
    ),
    "us_life_lapse": Truth(
        "us_life_lapse/uslapseagent.csv.gz",
        "contracts",
        {"start_at": ("issue.date",), "end_reason": ("termination.cause",)},
        runs=False,
        floor=1,
    ),
    "telco_ibm": Truth(
        "telco_ibm/telco_customer_churn.csv.gz",
        "customers",
        {"customer_id": ("customerID",)},
        runs=False,
        floor=1,
    ),
    "table_4_1": Truth(
        "table_4_1.csv",
        "tickets",
        {
            "reported_at": ("报修时间",),
            "symptom": ("故障现象",),
            "machine_model": ("机型",),
            "customer_name": ("客户名",),
            "cause_actual": ("故障原因",),
        },
        floor=5,
    ),
}


@dataclass
class Outcome:
    right: set[str]
    wrong: set[str]
    missed: set[str]
    seconds: float
    found: object


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What the draft of a set placed, against the truth; each set only once."""
    done = {}

    def judged(name: str) -> Outcome:
        truth = TRUTH[name]
        source = DATA / truth.file
        if not source.is_file():
            pytest.skip(f"{source} is not there")
        if name not in done:
            folder = tmp_path_factory.mktemp(name) / name
            folder.mkdir()
            shutil.copy(source, folder / source.name)
            done[name] = compare(truth, folder)
        return done[name]

    return judged


def compare(truth: Truth, folder: Path) -> Outcome:
    began = time.perf_counter()
    found = draft(folder)
    seconds = time.perf_counter() - began
    [table] = [p for p in found.tables + found.near if p.table.name == truth.table]
    placed: dict[str, str | None] = {
        c: p.header for c, p in table.placement.placed.items() if c not in table.given
    }
    placed |= dict.fromkeys(table.given)
    right = {c for c, header in placed.items() if header in truth.columns.get(c, ())}
    wrong = set(placed) - right - truth.open
    (folder / "mapping.yaml").write_text(found.text, encoding="utf-8")
    return Outcome(right, wrong, set(truth.columns) - right, seconds, found)


@pytest.mark.parametrize("name", TRUTH)
def test_columns_are_placed_right_and_hardly_any_wrong(name, outcome):
    truth, done = TRUTH[name], outcome(name)
    print(
        f"\n{name}: {len(done.right)} of {len(truth.columns)} right, wrong {sorted(done.wrong)}, "
        f"missed {sorted(done.missed)}, {done.seconds:.1f} s"
    )
    assert len(done.right) >= truth.floor
    assert len(done.wrong) <= 1


@pytest.mark.parametrize("name", [n for n, t in TRUTH.items() if t.runs])
def test_the_draft_passes_the_check_as_it_is(name, outcome, tmp_path):
    done = outcome(name)
    truth = TRUTH[name]
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(DATA / truth.file, folder)
    (folder / "mapping.yaml").write_text(done.found.text, encoding="utf-8")
    found = check(folder)
    assert found.faults == []
    [table] = found.tables
    assert table.rows["clean"] > 0


@pytest.mark.parametrize("name", [n for n, t in TRUTH.items() if not t.runs])
def test_what_cannot_run_says_what_it_lacks(name, outcome):
    done = outcome(name)
    lacks = done.found.near and done.found.near[0].missing
    stopped = done.found.judged and done.found.judged.faults
    assert lacks or stopped


def test_the_event_log_is_seen_as_one(outcome):
    found = outcome("uci_incident_log").found
    [tickets] = found.tables
    assert (tickets.keep.per, tickets.keep.last_by) == ("number", "sys_updated_at")
    assert tickets.dates == ("%d/%m/%Y %H:%M",)
    assert found.nulls == ["?"]
    assert found.judged.tables[0].rows["clean"] == 24_918


def test_copies_and_lines_of_nobody_are_foreseen(outcome):
    found = outcome("online_retail").found
    assert found.judged.tables[0].rows["duplicate"] == 6_544
    assert "max_bad_share: 0.25" in found.text


def test_purchases_of_a_day_are_all_kept(outcome):
    assert outcome("cdnow").found.judged.tables[0].rows["clean"] == 69_659


def test_the_questionnaire_is_seen_as_one(outcome):
    [surveys] = outcome("ecsi_mobile").found.near
    assert len(surveys.unpivot.headers) == 24
    assert surveys.unpivot.scale_max == 10


def test_data_without_headers_are_told(tmp_path):
    source = DATA / "cdnow/CDNOW_sample.txt.gz"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    shutil.copy(source, tmp_path / source.name)
    found = draft(tmp_path)
    assert found.tables == []
    assert "no line of headers" in found.apart[source.name]
