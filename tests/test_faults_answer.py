"""One call, answered by the desk and on the command line."""

import copy
import json
import re
from dataclasses import replace
from types import SimpleNamespace

import joblib
import pandas as pd
import pytest
from calls import PARTS, ask, table, tickets
from rich.console import Console

from crmlab import cli
from crmlab.faults.answer import Call, answer, load_desk
from crmlab.files import CrmlabError, Project
from crmlab.report.answered import notes, show
from crmlab.report.language import Language

AT = pd.Timestamp("2026-02-01")


@pytest.fixture(scope="module")
def desk():
    """A desk that knows one model, one machine and one customer; memory and board sometimes fail together."""
    calls, causes = tickets(serial_no="99A1", customer_id="C1")
    board = causes.index[causes["cause"] == "主板故障"][:6]
    second = causes.loc[board].assign(cause_no=2, cause="内存损坏")
    tables = {
        "machines": table(
            "machines",
            {
                "serial_no": ["99A1"],
                "machine_model": ["7979Q7C"],
                "installed_at": [pd.Timestamp("2023-06-01")],
            },
        ),
        "customers": table("customers", {"customer_id": ["C1"], "industry": ["bank"], "region": ["杭州"]}),
    }
    both = pd.concat([causes, second.astype(causes.dtypes)], ignore_index=True)
    return ask(calls, both, tables, parts=PARTS, max_parts=1).desk


def asked(desk, symptom="开机无显", model="7979Q7C", **more):
    return answer(desk, Call(symptom, AT, model, **more))


def printed(found, tag="en"):
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    show(found, console, Language(tag))
    return console.export_text()


def test_it_says_cause_set_parts_checks_and_reasons(desk):
    found = asked(desk)
    first = found["causes"][0]
    assert first["cause"] == "主板故障"
    assert sum(row["probability"] for row in found["causes"]) == pytest.approx(1, abs=1e-3)
    assert "主板故障" in found["set_90"]
    assert found["abstain"] is None
    assert found["kit"]["parts"] == ["MB"]
    assert found["kit"]["first_time_fix"] > 0.5
    assert found["checks"][0] == {"cause": "主板故障", "minutes": 30.0}
    assert found["minutes"] == pytest.approx(30, abs=5)
    assert found["reasons"][0]["log_odds"] > 0
    assert "no display" in [row["value"] for row in found["reasons"]]


def test_one_part_more_is_named_with_what_it_buys(desk):
    more = asked(desk)["kit"]["one_more"]
    assert more["adds"] > 0.05, "a fifth of the boards fail with their memory"
    assert more["parts"] == ["DIMM", "MB"]


def test_causes_that_come_together_are_told(desk):
    (other,) = asked(desk)["together"]
    assert other == {"with": "内存损坏", "share": 0.2, "together": 6, "n": 30}


def test_it_says_from_how_many_tickets_it_learnt(desk):
    assert asked(desk)["learnt_from"] == {
        "tickets": 90,
        "symptom": 30,
        "machine_family": 90,
        "machine_model": 90,
        "symptom_and_family": 30,
    }


def test_the_keys_are_stable_and_plain_json(desk):
    found = asked(desk, serial_no="99A1", customer_id="C1")
    assert json.loads(json.dumps(found)) == found
    assert list(found) == [
        *("said", "known", "learnt_from", "symptom", "known_share", "causes", "set_90", "abstain"),
        *("reasons", "together", "kit", "checks", "minutes"),
    ]
    assert found["said"] == {
        "symptom": "开机无显",
        "machine_model": "7979Q7C",
        "serial_no": "99A1",
        "customer_id": "C1",
        "at": "2026-02-01",
    }


def test_a_serial_number_tells_the_model(desk):
    found = asked(desk, model=None, serial_no="99a1")
    assert found["said"]["machine_model"] == "7979Q7C"
    assert found["known"] == {
        "machine_model": True,
        "machine_family": True,
        "serial_no": True,
        "customer_id": None,
    }


@pytest.mark.parametrize("written", ["7979Q7C", " 7979q7c ", "７９７９Ｑ７Ｃ"])
def test_a_model_may_be_written_as_people_do(desk, written):
    assert asked(desk, model=written)["said"]["machine_model"] == "7979Q7C"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"symptom": ""}, "Nothing was said about the fault"),
        ({"symptom": "   "}, "Nothing was said about the fault"),
        ({"symptom": "القرص معطل"}, "None of these words was ever seen"),
        ({"symptom": "开机无显 a b c d e f g h"}, "Only 47% of these words were ever seen"),
        ({"model": None}, "No model was given: the shares of all machines stand in"),
        (
            {"model": "7979ZZZ"},
            "Model 7979ZZZ was never seen: the shares of its family 7979 stand in, learnt from 90 tickets",
        ),
        ({"model": "0000XXX"}, "Neither model 0000XXX nor its family was ever seen"),
        ({"serial_no": "nope"}, "The machine file has no serial number nope"),
        ({"customer_id": "C9"}, "No customer has the id C9"),
    ],
)
def test_it_says_where_not_to_rely_on_it(desk, words, said):
    assert re.search(said, printed(asked(desk, **words)))


def test_it_warns_of_nothing_where_all_is_known(desk):
    assert notes(asked(desk, serial_no="99A1", customer_id="C1")) == []


def test_where_no_cause_stands_out_and_nothing_tells_the_parts_it_says_so(desk):
    plan = copy.copy(desk.plan)
    plan.optimizer = None
    found = asked(replace(desk, confident=1.0, plan=plan))
    assert found["abstain"] == "low_confidence"
    assert found["kit"] is None
    text = printed(found)
    assert "No cause stands out" in text
    assert "cannot tell: nothing says which parts a cause needs" in text


def test_a_page_of_text_is_repeated_in_part_only(desk):
    heading = printed(asked(desk, "开机无显 " * 2_000)).splitlines()[0]
    assert len(heading) < 140


@pytest.mark.parametrize("symptom", ["[red]开机无显[/red]", "[/]", "a\nb\tc", "{x} {0}"])
def test_what_is_said_is_printed_and_never_obeyed(desk, symptom):
    assert " ".join(symptom.split()) in printed(asked(desk, symptom))


def test_in_chinese_every_sentence_is_chinese_and_causes_stay_as_recorded(desk):
    text = printed(asked(desk, "klaxon", "0000XXX", serial_no="nope", customer_id="C9"), "zh")
    names = {"klaxon", "X", "nope", "C", "DIMM", "MB", "HDD", "XXX"}
    assert set(re.findall(r"[A-Za-z]+", text)) <= names | {"other", "wording"}
    assert "主板故障" in text
    assert "按此顺序检查" in text


# the command line


@pytest.fixture
def crmlab(monkeypatch, capsys):
    """Type a command; returns exit code, what was said, what went wrong."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["crmlab", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def project(desk, tmp_path, monkeypatch):
    """A project in which the stage has left `desk`."""
    (tmp_path / "params.yaml").write_text("company: demo\nlanguages: [zh, en]\n")
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    folder = tmp_path / "data/processed/clean"
    folder.mkdir(parents=True)
    (folder / "as_of.json").write_text('{"as_of": "2026-01-31"}')
    (tmp_path / "models/faults").mkdir(parents=True)
    joblib.dump(desk, tmp_path / "models/faults/desk.joblib")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_a_call_is_answered_in_the_first_language_of_the_project(crmlab, project):
    code, out, err = crmlab("diagnose", "开机无显", "--model", "7979Q7C")
    assert (code, err) == (0, "")
    assert out.startswith("开机无显 · 7979Q7C\n")
    assert "最可能的原因" in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


def test_and_in_another_one(crmlab, project):
    _, out, _ = crmlab("diagnose", "开机无显", "--model", "7979Q7C", "--lang", "en")
    assert "Most probable causes" in out
    assert re.search(r"主板故障 +● +\d+%  █+", out)
    assert "Carry                MB; the first visit fixes it in" in out
    assert "Learnt from 90 tickets, 30 of them with the symptom no display" in out


def test_json_is_one_object_dated_by_the_data_or_as_told(crmlab, project):
    _, out, _ = crmlab("diagnose", "开机无显", "--json")
    assert json.loads(out)["said"]["at"] == "2026-01-31"
    _, out, _ = crmlab("diagnose", "开机无显", "--at", "2026-10-30", "--json")
    assert json.loads(out)["said"]["at"] == "2026-10-30"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "yesterday"], "--at yesterday: not a day"),
        (["--lang", "fr"], "--lang fr: there is no such catalogue; there are en, zh"),
    ],
)
def test_what_cannot_be_is_one_line(crmlab, project, words, said):
    code, out, err = crmlab("diagnose", "开机无显", *words)
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


def test_without_a_model_the_next_step_is_named(crmlab, project):
    path = project.models("faults") / "desk.joblib"
    joblib.dump(None, path)
    code, _, err = crmlab("diagnose", "开机无显")
    assert code == 1
    assert "holds no model: too few tickets have a recorded cause" in err
    path.unlink()
    code, _, err = crmlab("diagnose", "开机无显")
    assert code == 1
    assert err == f"crmlab: {path} is not there yet: run `make` first\n"


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x80\x04cno.such.module\nDesk\n."])
def test_a_damaged_or_older_model_is_one_line(tmp_path, content):
    path = tmp_path / "desk.joblib"
    path.write_bytes(content)
    with pytest.raises(CrmlabError, match=r"cannot be read .* run `make`"):
        load_desk(path)


def test_a_model_that_lacks_what_the_latest_version_added_is_one_line(desk, tmp_path):
    older = copy.deepcopy(desk)
    older.model._reader = SimpleNamespace(vocabulary_=desk.model._reader.vocabulary_)
    joblib.dump(older, tmp_path / "desk.joblib")
    with pytest.raises(CrmlabError, match=r"written by an earlier version: run `make`"):
        load_desk(tmp_path / "desk.joblib")


def test_no_option_names_another_file(crmlab):
    _, out, _ = crmlab("diagnose", "--help")
    assert not re.search(r"--\S*(file|path|desk|from)", out)
