"""CDNOW and Online Retail through `clean` and the forecasts of `purchases`, the end of each record held out."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT, new_project, run_stage

from crmlab import files
from crmlab.engine import Engine
from crmlab.purchases.buyers import backtest
from crmlab.purchases.buyers.backtest import Verdict, origins, verdict
from crmlab.purchases.buyers.bought import bought
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.scores import backtest_table
from crmlab.purchases.settings import Settings

DATA = ROOT / "../shared/data"
SECTION = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["purchases"]
pytestmark = pytest.mark.real


@dataclass(frozen=True)
class HeldOut:
    """Clean sales, and the forecasts of an earlier day of what came in the `days` after it, indexed by their name."""

    sales: Path
    table: pd.DataFrame
    verdict: Verdict

    def ledger(self, **changed: object) -> Ledger:
        return Ledger(Engine(threads=1), self.sales, Settings.read(SECTION | changed))


def held_out(folder: Path, name: str, last: str, days: int) -> HeldOut:
    if not (DATA / name).is_dir():
        pytest.skip(f"../shared/data/{name} is not here")
    project = new_project(folder, {"company": name})
    raw = project.raw(name)
    raw.mkdir(parents=True)
    (raw / "mapping.yaml").write_bytes((ROOT / "tests/real" / name / "mapping.yaml").read_bytes())
    for export in (DATA / name).iterdir():
        (raw / export.name).symlink_to(export.resolve())
    run_stage(project, "clean")
    sales = project.processed("clean") / "sales.parquet"
    settings = Settings.read(SECTION | {"horizon_days": days, "origins": 1})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backtest, "JUDGED", 10**6)  # all customers, as the published errors are
        seen = origins(Ledger(Engine(threads=1), sales, settings), pd.Timestamp(last))
    table = backtest_table(seen).set_index("forecast")
    table["bias"] = table.expected / table.actual - 1
    return HeldOut(sales, table, verdict(seen))


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    """From 1 October 1997: 39 weeks but a day ahead, for as long a time must lie before the day, and the record begins in January."""
    return held_out(tmp_path_factory.mktemp("cdnow"), "cdnow", "1998-06-30", 272)


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    """September to November 2010, from nine months of sales."""
    return held_out(tmp_path_factory.mktemp("retail"), "online_retail", "2010-11-30", 91)


def test_a_model_forecasts_cdnow_far_better_than_either_naive_line(cdnow):
    table = cdnow.table
    model = table.loc["MBGNBD"]
    assert model.n == 23_500  # of 23,570; the others had got everything free
    assert model.mae < 0.80
    assert model.mae < 0.8 * table.mae["mean_rate"]
    assert model.mae < 0.55 * table.mae["last_year_again"]
    assert -0.22 < model.bias < -0.15  # the shop sold less and less to all of them, which no history shows
    assert model.spearman > 0.44
    assert 0.92 < model.coverage < 0.96
    assert 0.86 < model.coverage_exact < 0.90
    assert cdnow.verdict.said == "better"
    assert cdnow.verdict.gain > 0.2


def test_published_errors_on_cdnow(cdnow):
    published = {"BGNBD": 0.819, "MBGNBD": 0.795, "ParetoNBD": 0.794}  # 39 weeks from 30 September
    assert cdnow.table.mae[list(published)].to_dict() == pytest.approx(published, abs=0.003)


def test_regular_buyers_are_not_how_cdnow_buys(cdnow):
    scores = cdnow.table.log_score
    assert scores.idxmin() == "MBGNBD"
    assert scores["MBGCNBD-3"] > scores["MBGCNBD-2"] > scores["MBGNBD"] + 0.1


def test_three_months_of_online_retail(retail):
    table = retail.table
    model = table.loc["MBGNBD"]
    assert model.n == 3_282
    assert model.mae < 0.94
    assert model.mae < table.mae["last_year_again"]
    assert model.spearman > table.spearman["last_year_again"] + 0.04
    assert model.spearman > 0.46
    assert -0.25 < model.bias < -0.15  # Christmas, which a single year cannot teach
    assert 0.93 < model.coverage < 0.97
    assert 0.87 < model.coverage_exact < 0.92
    assert retail.verdict.said == "no clear difference"  # the mean rate does as well here


def test_nothing_that_was_sold_to_somebody_is_lost(retail):
    as_of = pd.Timestamp("2010-11-30")
    nobody_named = pd.DataFrame({"customer_id": [], "customer_name": []})
    tables, figures, _ = bought(retail.ledger(), nobody_named, as_of)
    sales = files.read_table(retail.sales)
    counted = sales[
        sales.customer_id.notna() & sales.line_kind.isin(SECTION["counts"]) & (sales.sold_at < "2010-12-01")
    ]
    alone = figures["returns_without_purchase"]
    customers = tables["customers"]
    no_day = counted.amount.sum() - alone["amount"] - customers.amount.sum()
    assert alone["n"] > 0
    assert alone["amount"] < 0
    assert abs(no_day) <= 0.001 * counted.amount.sum()  # of customers of whom every purchase came back
    assert figures["expected"] == pytest.approx(customers.expected.sum())
    assert customers.customer_id.is_unique
