"""A manager's four questions: every answer is computed, and every branch of it is told."""

import pandas as pd
import pytest

from crmlab.faults.failures.outputs import AFFECTED, ALL
from crmlab.purchases.buyers.outputs import CUSTOMERS as BOUGHT
from crmlab.report.findings.may_i_trust import may_i_trust
from crmlab.report.findings.what_changed import SHOWN, what_changed
from crmlab.report.findings.what_it_costs import what_it_costs
from crmlab.report.findings.whom_to_call import BROKEN, FAULTS, QUIET, RENEWALS, whom_to_call
from crmlab.report.history import Change, Meaning
from crmlab.report.language import Language
from crmlab.report.messages import as_text, day, say
from crmlab.service.promises.outputs import LET_DOWN
from crmlab.tables import conform

EN = Language("en")
SINCE = day("2026-09-30")


def told(question) -> tuple[str, list[list[str]]]:
    """The answer and the lines as a reader sees them: subject, figure, note."""
    lines = [[as_text(x, EN) for x in (line.what, line.figure, line.note)] for line in question.lines]
    return question.answer.in_language(EN), lines


# what changed


def change(name: str, before: float | None, now: float | None, verdict: str) -> Change:
    return Change(name, Meaning(say(name), "percent", "higher"), before, now, verdict)


def test_changes_stand_worst_first_and_in_words():
    changes = [
        change("Better", 0.5, 0.6, "better"),
        change("Neutral", 0.1, 0.2, "neutral"),
        change("Worse", 0.9, 0.8, "worse"),
    ]
    answer, lines = told(what_changed(changes, SINCE))
    assert answer == "Worse: 1, better: 1, since 30 September 2026"
    assert lines == [
        ["Worse", "80%", "down 10.0 points: worse"],
        ["Better", "60%", "up 10.0 points: better"],
        ["Neutral", "20%", "up 10.0 points"],
    ]
    assert [line.sign for line in what_changed(changes, SINCE).lines] == ["▼", "▲", "▲"]


@pytest.mark.parametrize(
    ("verdicts", "answer"),
    [
        (["worse"], "Worse: 1, none better, since 30 September 2026"),
        (["better", "better"], "Better: 2, none worse, since 30 September 2026"),
        (["neutral"], "Nothing is worse or better than on 30 September 2026"),
        ([], "Nothing is worse or better than on 30 September 2026"),
    ],
)
def test_what_changed_in_each_case(verdicts, answer):
    changes = [change(f"x{i}", 0.5, 0.6, verdict) for i, verdict in enumerate(verdicts)]
    assert told(what_changed(changes, SINCE))[0] == answer


def test_a_first_run_compares_with_nothing_and_a_long_list_is_cut():
    assert told(what_changed([], None)) == ("Nothing to compare with: no earlier run had the same tables", [])
    many = [change(f"x{i}", 0.1, 0.9, "worse") for i in range(9)]
    assert len(what_changed(many, SINCE).lines) == SHOWN


# what it costs

COSTS = {
    "churn": {
        "due": {"365": {"n": 40, "expected_loss": 5_000_000}},
        "win_back": {"n": 3, "yearly_amount": 900_000},
        "win_back_months": 24,
    },
    "service": {"second_visit_cost": 2_000_000, "second_visits": 80, "compensation": 100_000},
    "value": {"negative_to_come": -700_000, "n_negative": 5, "horizon_months": 36},
}


def test_costs_stand_largest_first_with_how_they_moved():
    before = {"churn": {"expected_loss": 4_000_000.0}, "service": {"second_visit_cost": 2_500_000.0}}
    answer, lines = told(what_it_costs(COSTS, before))
    assert answer == "Renewals likely to be lost cost most: CN¥50K"
    assert lines == [
        ["Renewals likely to be lost", "CN¥50K", "within a year, in 40 contracts; up CN¥10K"],
        ["Second visits", "CN¥20K", "in twelve months, 80 visits; down CN¥5,000"],
        ["Customers lost", "CN¥9,000", "a year, by 3 within 24 months"],
        ["Unprofitable customers", "CN¥7,000", "in the next 36 months, 5 of them"],
        ["Compensation", "CN¥1,000", "for complaints, in twelve months"],
    ]
    assert [line.mark for line in what_it_costs(COSTS, before).lines] == ["worse", "better", "", "", ""]


def test_figures_that_are_gone_are_told_and_are_no_calm():
    answer, lines = told(what_changed([], SINCE, vanished=2))
    assert answer == "Less can be told than on 30 September 2026"
    assert lines == [["Figures that are gone", "2", "told then, not now: the pages say what is missing"]]


def test_without_the_income_of_a_withheld_table_nobody_is_called_unprofitable():
    assert "Unprofitable customers" in str(told(what_it_costs(COSTS, {})))
    assert "Unprofitable customers" not in str(told(what_it_costs(COSTS, {}, {"contracts"})))


def test_a_cost_that_is_nothing_is_known():
    assert told(what_it_costs({"service": {"compensation": 0}}, {})) == ("Nothing that is on record", [])


def test_costs_that_nobody_knows_are_not_invented():
    answer, lines = told(what_it_costs({"churn": {"due": {"365": {"n": 4, "expected_loss": None}}}}, {}))
    assert answer.startswith("Cannot tell")
    assert lines == []


# whom to call


def contracts(**columns) -> pd.DataFrame:
    row = {
        "contract_id": "X1",
        "customer_id": "C1",
        "customer_name": "First Bank",
        "days_to_end": 12,
        "end_at": pd.Timestamp("2026-11-12"),
        "amount": 900_000,
        "p_renew": 0.4,
        "low": 0.3,
        "high": 0.5,
        "expected_loss": 540_000,
        "reason": "tenure_years",
        "reason_value": 1.0,
    }
    return pd.DataFrame([row | columns])


def let_down(*rows: dict) -> pd.DataFrame:
    usual = {"customer_name": None, "tickets": 1, "still_open": 0, "late_h": 3.5}
    usual["last_broken_at"] = pd.Timestamp("2026-10-20")
    return conform(
        pd.DataFrame([usual | row for row in rows], columns=[c.name for c in LET_DOWN.columns]), LET_DOWN
    )


def affected(*rows: dict) -> pd.DataFrame:
    usual = {"serial_prefix": ALL, "installed_half": ALL}
    usual |= {"cause": "fan", "machine_family": "7979", "customer_name": None, "tickets": 2, "machines": 4}
    return conform(
        pd.DataFrame([usual | row for row in rows], columns=[c.name for c in AFFECTED.columns]), AFFECTED
    )


STAKES = pd.DataFrame({"customer_id": ["C1", "C2"], "at_stake": pd.array([300_000, None], "Int64")})


def bought(*rows: dict) -> pd.DataFrame:
    usual = {"customer_name": None, "purchases": 7, "last_at": pd.Timestamp("2026-03-01"), "p_alive": 0.5}
    usual |= {"state": "quiet", "at_stake": 200_000}
    return conform(
        pd.DataFrame([usual | row for row in rows], columns=[c.name for c in BOUGHT.columns]), BOUGHT
    )


def asked(renewals=None, late=None, faults=None, quiet=None, stakes=STAKES):
    """The question, with nothing of what is not given."""
    return whom_to_call(
        contracts().head(0) if renewals is None else renewals,
        let_down() if late is None else late,
        affected() if faults is None else faults,
        bought() if quiet is None else quiet,
        stakes,
        at_risk=0.7,
    )


def test_a_customer_with_three_reasons_is_called_once():
    question = asked(contracts(), let_down({"customer_id": "C1"}), affected({"customer_id": "C1"}))
    answer, [[who, stake, why]] = told(question)
    assert (who, stake) == ("First Bank", "CN¥5,400")
    assert answer == "First Bank first, with CN¥5,400 at stake, of one customer"
    assert why == (
        "contract ends on 12 November 2026, only 40% likely to be renewed: a customer for 1.0 years. "
        "promise broken on 20 October 2026, by 3.5 hours. "
        "growing fault, fan on 7979: 2 tickets in three months, 4 such machines."
    )


def test_no_kind_of_call_crowds_out_another():
    question = asked(
        pd.concat([contracts(contract_id=f"X{i}", customer_id=f"R{i}") for i in range(9)], ignore_index=True),
        let_down(*({"customer_id": f"B{i}"} for i in range(9))),
        affected(*({"customer_id": f"F{i}"} for i in range(9))),
        bought(*({"customer_id": f"Q{i}"} for i in range(9))),
    )
    assert len(question.lines) == RENEWALS + BROKEN + FAULTS + QUIET
    assert {line.page for line in question.lines} == {"churn", "service", "faults", "purchases"}


def test_calls_are_told_with_what_is_known():
    late = {"customer_id": "C2", "tickets": 3, "late_h": None, "still_open": 2}
    assert told(asked(late=let_down(late))) == (
        "C2 first, of one customer",
        [["C2", "unknown", "3 promises broken, the last on 20 October 2026, 2 still open."]],
    )
    grew = affected({"customer_id": "C1", "machine_family": ALL, "machines": None})
    assert told(asked(faults=grew))[1] == [
        ["C1", "CN¥3,000", "growing fault, fan: 2 tickets in three months."]
    ]
    unknown = contracts(p_renew=None, low=None, high=None, expected_loss=None, days_to_end=-3)
    assert told(asked(unknown))[1] == [["First Bank", "unknown", "contract ended on 12 November 2026."]]
    assert told(asked(quiet=bought({"customer_id": "C9"})))[1] == [
        ["C9", "CN¥2,000", "gone quiet: 7 purchases so far, the last on 1 March 2026."]
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"late_h": None}, "promise broken on 20 October 2026."),
        ({"still_open": 1}, "promise broken on 20 October 2026, by 3.5 hours, still open."),
        ({"tickets": 2}, "2 promises broken, the last on 20 October 2026, by up to 3.5 hours."),
    ],
)
def test_a_broken_promise_is_open_only_where_it_is(row, why):
    assert told(asked(late=let_down({"customer_id": "C1"} | row)))[1][0][2] == why


def test_contracts_of_one_customer_add_up_and_nothing_at_stake_is_unknown():
    two = pd.concat([contracts(), contracts(contract_id="X2", days_to_end=40, expected_loss=500_000)])
    assert told(asked(two))[1][0][1] == "CN¥10.4K"
    worse = pd.DataFrame({"customer_id": ["C1"], "at_stake": pd.array([-200_000], "Int64")})
    answer, lines = told(asked(late=let_down({"customer_id": "C1"}), stakes=worse))
    assert (answer, lines[0][1]) == ("C1 first, of one customer", "unknown")


def test_nobody_to_call_is_said():
    assert told(asked(stakes=STAKES.head(0))) == ("Nothing on record asks for a call", [])


# may I trust it

GOOD = {
    "churn": {
        "due_predicted": 0.85,
        "due_observed": 0.82,
        "brier_gain": 0.03,
        "brier_gain_se": 0.01,
        "naive": "inactive",
    },
    "value": {
        "backtest": {
            "1": {
                "mae": 1,
                "n": 10,
                "stated": 900_000,
                "actual": 1_000_000,
                "gain": 5,
                "gain_error": 1,
                "best_line": "last_year",
            }
        }
    },
    "purchases": {
        "backtest": {"mae": 1.3},
        "verdict": "better",
        "naive": "mean_rate",
        "horizon_days": 365,
    },
    "faults": {"accuracy": 0.55, "gain_over_by_symptom": 0.05, "gain_over_by_symptom_error": 0.01},
}


@pytest.fixture
def scorecard(monkeypatch):
    """A scorecard that holds or does not, as the test says: what makes it so is tested where it is found."""

    def make(holds: bool):
        monkeypatch.setattr("crmlab.report.findings.clean.trusted", lambda found: holds)
        monkeypatch.setattr("crmlab.report.findings.clean.attention", lambda found: [say("Visits are late.")])
        return type("Found", (), {"used_share": 0.998})()

    return make


def test_trust_names_each_forecast_with_its_simple_line(scorecard):
    answer, lines = told(may_i_trust(scorecard(True), GOOD))
    assert answer == "Yes: the data hold, and every forecast beats the simple way"
    assert lines == [
        ["Data", "99.8%", "of rows used; no table lies behind the others"],
        ["Renewals", "82%", "renewed, 85% foreseen; beats the rate by activity"],
        ["Customer value", "CN¥10K", "came, CN¥9,000 stated; beats last year's profit again"],
        ["Purchases foreseen", "1.30", "off per customer; beats each customer's mean rate"],
        ["Causes", "55%", "right at the call; beats the symptom's usual cause"],
    ]


def test_trust_is_qualified_where_a_forecast_loses_or_nobody_can_tell(scorecard):
    worse = GOOD | {"faults": GOOD["faults"] | {"gain_over_by_symptom": -0.05}}
    worse["purchases"] = GOOD["purchases"] | {"verdict": "no clear difference"}
    question = may_i_trust(scorecard(True), worse)
    answer, lines = told(question)
    assert answer == "With care: the data hold; forecasts that beat the simple way: 2 of 4"
    assert [line.sign for line in question.lines] == ["✓", "✓", "✓", "?", "!"]
    assert "no clear lead over each customer's mean rate" in lines[3][2]
    assert "loses to" in lines[4][2]


def test_trust_without_data_or_forecasts(scorecard):
    answer, lines = told(may_i_trust(scorecard(False), GOOD))
    assert answer == "Not before the data are mended"
    assert lines[0] == ["Data", "99.8%", "of rows used. Visits are late."]
    assert told(may_i_trust(scorecard(True), {})) == (
        "The data hold; no forecast could be judged yet",
        [["Data", "99.8%", "of rows used; no table lies behind the others"]],
    )
