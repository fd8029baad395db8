"""params.yaml is judged whole before anything runs."""

import re
import sys

import pytest
import yaml
from conftest import ROOT

from crmlab import cli
from crmlab.files import CrmlabError
from crmlab.run.params import DEFAULTS, missing, refuse_unfit


def test_the_defaults_are_the_parameters_that_ship():
    assert DEFAULTS.read_bytes() == (ROOT / "params.yaml").read_bytes(), (
        "cp params.yaml src/crmlab/run/params.yaml"
    )


def test_all_missing_parameters_are_named_at_once_with_their_lines():
    params = yaml.safe_load(DEFAULTS.read_text())
    assert missing(params) == []
    del params["engine"], params["churn"]["at_risk"], params["churn"]["horizons"], params["run"]
    with pytest.raises(CrmlabError, match="5 lines are missing") as caught:
        refuse_unfit(params)
    keys = [line.split("#")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert keys == [
        "engine: duckdb", "run:", "due_day: 10", "months: 12", "churn:", "horizons: [30, 90, 180, 365]", "at_risk: 0.7",
    ]  # fmt: skip


def test_values_of_another_kind_are_named_at_once():
    params = yaml.safe_load(DEFAULTS.read_text())
    refuse_unfit(params)
    params["clean"]["max_bad_share"], params["service"]["closed"], params["faults"]["parts"] = (
        True,
        "2026-03-02",
        [],
    )
    with pytest.raises(CrmlabError) as caught:
        refuse_unfit(params)
    assert str(caught.value).splitlines() == [
        "params.yaml, clean.max_bad_share: True is no number; the default is 0.05",
        "params.yaml, faults.parts: [] is no section; the default is {}",
        "params.yaml, service.closed: '2026-03-02' is no list; the default is []",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": 3}, ["value: 3 is no section with lines of its own"]),
        (
            {"run": "soon", "churn": [1]},
            [
                "run: 'soon' is no section with lines of its own",
                "churn: [1] is no section with lines of its own",
            ],
        ),
        (
            {"clean": {"max_bad_share": None}},
            ["clean.max_bad_share: empty; expected a number, the default is 0.05"],
        ),
        ({"languages": "en"}, ["languages: 'en' is no list; the default is [en, zh]"]),
        ({"languages": ["en", "fr"]}, ["languages: 'fr' has no catalogue; there are en, zh"]),
        ({"languages": []}, ["languages: empty; name at least one of en, zh"]),
    ],
)
def test_a_kind_is_judged_before_lines_are_missed(change, said):
    params = yaml.safe_load(DEFAULTS.read_text()) | change
    with pytest.raises(CrmlabError) as caught:
        refuse_unfit(params)
    assert str(caught.value).splitlines() == [f"params.yaml, {line}" for line in said]


def test_check_refuses_what_a_run_refuses(project, monkeypatch, capsys):
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(re.sub(r"max_bad_share: 0.05", "max_bad_share:", text))
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "argv", ["crmlab", "check"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 1
    assert "clean.max_bad_share: empty" in capsys.readouterr().err
