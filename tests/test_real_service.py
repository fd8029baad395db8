"""Promises on a record that nobody here made: what an IT desk put down about its own, month by month."""

import pandas as pd
import pytest
import yaml
from exports import run
from test_real import DATA, FILES, MAPPINGS

from crmlab import files
from crmlab.service.results import Exports, results
from crmlab.service.settings import Settings

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    source = DATA / FILES["uci_incident_log"]
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    root = tmp_path_factory.mktemp("uci_incident_log")
    folder = root / "uci_incident_log"
    folder.mkdir()
    (folder / "mapping.yaml").write_text((MAPPINGS / "uci_incident_log" / "mapping.yaml").read_text())
    (folder / source.name).symlink_to(source.resolve())
    done = run(folder, root / "out", max_bad_share=0.05)
    params = yaml.safe_load((files.find_root(__file__) / "params.yaml").read_text(encoding="utf-8"))
    return results(
        Exports(*(done.table(name) for name in Exports._fields)),
        Settings.read(params["service"], params["value"]),
        until="2016-09",
        as_of=pd.Timestamp("2016-09-30"),
    )


def test_what_the_desk_recorded_shows_the_change_of_spring_2016(desk):
    months = desk.tables["attainment"].query("promise == 'recorded' and of == 'month'").set_index("group")
    assert months.loc["2016-03":"2016-05", "n"].tolist() == [8958, 7882, 7457]
    assert months.loc["2016-03", "share"] == pytest.approx(0.400, abs=0.001)
    assert months.loc["2016-04", "share"] == pytest.approx(0.772, abs=0.001)
    assert months.loc["2016-03", "high"] < months.loc["2016-04", "low"]


def test_tickets_opened_again_are_few(desk):
    again = desk.metrics["reopened"]
    assert (again["n"], round(again["share"], 4)) == (24534, 0.0108)


def test_what_the_record_cannot_tell_is_said(desk):
    assert desk.metrics["attainment"].keys() == {"recorded"}
    assert {what for what, _ in desk.lacks} >= {"visits", "tickets.service_level", "complaints", "surveys"}
