"""The command line, as a user types it."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from crmlab import cli


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


@pytest.mark.parametrize("command", [c.name or c.callback.__name__ for c in cli.app.registered_commands])
def test_every_command_teaches_itself_with_examples(crmlab, command):
    code, out, _ = crmlab(command, "--help")
    assert code == 0
    assert "Usage: crmlab " + command in " ".join(out.split())
    assert "Example" in out
    assert out.count(f"crmlab {command}") >= 2, "usage, and at least one example"


def test_the_contract_names_every_table(crmlab):
    _, out, _ = crmlab("contract")
    assert "## tickets 派单" in out
    assert "## sales 销售记录" in out


def test_check_says_what_a_folder_holds(crmlab, small, monkeypatch):
    monkeypatch.chdir(small.root)
    code, out, _ = crmlab("check")
    assert code == 0
    assert "tickets" in out
    assert "sales" in out


def test_a_brief_check_is_one_line(crmlab, small, monkeypatch):
    monkeypatch.chdir(small.root)
    code, out, _ = crmlab("check", "--brief")
    assert code == 0
    assert out.count("\n") == 1


def test_check_ends_with_one_line_on_a_folder_that_cannot_be_read(crmlab, small, monkeypatch, tmp_path):
    monkeypatch.chdir(small.root)
    (tmp_path / "tickets.csv").write_text("报修时间,机型\n2026-01-02,7979Q7C\n", encoding="utf-8")
    code, _, err = crmlab("check", str(tmp_path))
    assert code == 1
    assert err.count("\n") == 1
    assert "tickets.csv" in err
    assert "symptom" in err


def test_check_asks_for_quotes_around_a_date(crmlab, small, monkeypatch, tmp_path):
    params = (small.root / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(params.replace("as_of: auto", "as_of: 2026-06-30"))
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    monkeypatch.chdir(tmp_path)
    code, _, err = crmlab("check")
    assert code == 1
    assert err == 'crmlab: params.yaml, as_of: 2026-06-30 needs quotes: as_of: "2026-06-30"\n'


def test_check_outside_a_project_needs_a_folder(crmlab, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, err = crmlab("check")
    assert code == 1
    assert "params.yaml" in err


STRANGER = "case no,date opened,fault description\n" + "".join(
    f"C{n},2026-03-{1 + n % 28:02},belt number {n} is torn\n" for n in range(30)
)


def test_map_prints_a_draft_and_writes_nothing(crmlab, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wo.csv").write_text(STRANGER, encoding="utf-8")
    code, out, _ = crmlab("map", str(tmp_path))
    assert code == 0
    assert yaml.safe_load(out)["tables"]["tickets"]["columns"]["reported_at"] == "date opened"
    assert [p.name for p in tmp_path.iterdir()] == ["wo.csv"]


def test_map_keeps_what_it_drafted_once(crmlab, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wo.csv").write_text(STRANGER, encoding="utf-8")
    code, out, err = crmlab("map", str(tmp_path), "--write")
    assert code == 0
    assert "next: crmlab check" in err
    assert (tmp_path / "mapping.yaml").read_text(encoding="utf-8") == out
    code, out, _ = crmlab("check", str(tmp_path))
    assert code == 0
    assert out.splitlines()[-1].startswith("ready: as of 2026-03-28")

    (tmp_path / "mapping.yaml").write_text("company: mine\n", encoding="utf-8")
    code, out, err = crmlab("map", str(tmp_path), "--write")
    assert (code, out) == (1, "")
    assert "is there already" in err
    assert (tmp_path / "mapping.yaml").read_text(encoding="utf-8") == "company: mine\n"


def test_map_ends_with_one_line_where_nothing_can_be_placed(crmlab, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colours.csv").write_text("shade,tone\nred,1\n", encoding="utf-8")
    code, _, err = crmlab("map", str(tmp_path))
    assert code == 1
    assert err.count("\n") == 1
    assert "no file could be placed whole" in err


def test_the_how_to_shows_what_the_commands_print(crmlab, monkeypatch, tmp_path):
    text = (Path(__file__).parents[1] / "docs/bring-your-own-data.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, content in re.findall(r"`(data/raw/acme/[^`]+)`:\n```\n(.*?)```", text, re.DOTALL):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    shown = dict(re.findall(r"```console\n\$ crmlab (map|check) data/raw/acme\n(.*?)```", text, re.DOTALL))
    again = "printed otherwise now: paste it into docs/bring-your-own-data.md"
    assert crmlab("map", "data/raw/acme", "--write")[1] == shown["map"], again
    assert crmlab("check", "data/raw/acme")[1] == shown["check"], again


def test_check_judges_by_the_parameters_only_the_company_they_name(crmlab, small, monkeypatch, tmp_path):
    params = (small.root / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(params.replace("max_bad_share: 0.05", "max_bad_share: 0.9"))
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    bad = "报修时间,故障现象\n2026-03-01,无法开机\n昨天,有异响\n"
    for folder in (tmp_path / "data/raw/demo", tmp_path / "other"):
        folder.mkdir(parents=True)
        (folder / "tickets.csv").write_text(bad, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert crmlab("check")[0] == 0
    code, _, err = crmlab("check", str(tmp_path / "other"))
    assert code == 1
    assert "max_bad_share" in err


@pytest.fixture
def reviewed(small, monkeypatch):
    """Stand in the small project; what `crmlab review` asks to be written is kept instead of written."""
    asked = []

    def write(project, company, as_of, languages, customers, progress, inside):
        asked.append((company, as_of, list(languages), list(customers)))
        end = "-inside" if inside else ""
        return [project.reports / "reviews" / t / f"{c}{end}.html" for c in customers for t in languages]

    monkeypatch.chdir(small.root)
    monkeypatch.setattr("crmlab.report.reviews.write_reviews", write)
    return asked


def customers(small) -> pd.DataFrame:
    return pd.read_parquet(small.processed("clean") / "customers.parquet")


def test_review_writes_a_customer_by_id_or_name_and_prints_the_paths(crmlab, small, reviewed):
    known = customers(small)
    one = known[known["customer_name"].map(known["customer_name"].value_counts()).eq(1)].iloc[0]
    code, out, _ = crmlab("review", one.customer_id)
    assert code == 0
    assert [path.split("/")[-3:] for path in out.split()] == [
        ["reviews", tag, f"{one.customer_id}.html"] for tag in ("en", "zh")
    ]
    assert crmlab("review", one.customer_name, "--lang", "zh")[0] == 0
    assert reviewed == [
        ("demo", "auto", ["en", "zh"], [one.customer_id]),
        ("demo", "auto", ["zh"], [one.customer_id]),
    ]


def test_a_review_for_the_company_alone_is_asked_for_and_named_so(crmlab, small, reviewed):
    one = customers(small).iloc[0].customer_id
    assert crmlab("review", one, "--inside", "--lang", "en")[1].strip().endswith(f"{one}-inside.html")


def test_review_writes_every_vip(crmlab, small, reviewed):
    known = customers(small)
    assert crmlab("review", "--all-vip")[0] == 0
    assert reviewed[0][3] == sorted(known.loc[known["tier"] == "vip", "customer_id"])
    assert reviewed[0][3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name one CUSTOMER"),
        (["C1", "--all-vip"], "name one CUSTOMER"),
        (["nobody of this name"], "no id and no exact name"),
        (["--all-vip", "--lang", "fr"], "languages has en, zh"),
    ],
)
def test_review_says_in_one_line_what_it_wants(crmlab, reviewed, words, said):
    code, out, err = crmlab("review", *words)
    assert (code, out, reviewed) == (1, "", [])
    assert said in err
    assert err.count("\n") == 1


def test_review_without_processed_data_or_vips_says_what_to_do(
    crmlab, small, reviewed, monkeypatch, tmp_path
):
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).write_text((small.root / name).read_text())
    monkeypatch.chdir(tmp_path)
    code, _, err = crmlab("review", "C1")
    assert code == 1
    assert "run `make` first" in err
    path = tmp_path / "data/processed/clean/customers.parquet"
    path.parent.mkdir(parents=True)
    customers(small).query("tier != 'vip'").to_parquet(path)
    code, _, err = crmlab("review", "--all-vip")
    assert code == 1
    assert "no customer is of the tier VIP" in err
    customers(small).to_parquet(path)
    code, _, err = crmlab("review", "--all-vip")
    assert (code, reviewed) == (1, [])
    assert "service/tickets.parquet is not there yet: run `make` first" in err


def test_sample_writes_a_company_and_keeps_its_truth_apart(crmlab, tmp_path):
    out, truth = tmp_path / "company", tmp_path / "truth"
    code, said, _ = crmlab("sample", "--out", str(out), "--customers", "5")
    assert code == 0
    assert str(out) in said
    assert "simulated: true" in (out / "mapping.yaml").read_text()
    assert (out / "sales.csv").is_file()
    code, _, err = crmlab(
        "sample", "--out", str(tmp_path / "b"), "--customers", "5", "--truth", str(tmp_path / "b" / "t")
    )
    assert code == 1
    assert "must not lie beside" in err
    assert not truth.exists()


@pytest.mark.parametrize("size", [[], ["--customers", "3", "--tickets", "9"]])
def test_sample_wants_one_size(crmlab, tmp_path, size):
    code, _, err = crmlab("sample", "--out", str(tmp_path / "x"), *size)
    assert code == 1
    assert "--customers N or --tickets N" in err


def test_sample_never_writes_over_exports(crmlab, tmp_path):
    (tmp_path / "tickets.csv").write_text("mine")
    code, _, err = crmlab("sample", "--out", str(tmp_path), "--customers", "3")
    assert code == 1
    assert "holds files already" in err
