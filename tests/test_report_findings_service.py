"""The page of service promises as a whole: what stands on top, what the method admits, and a page without any data."""

import pandas as pd
import pytest

from crmlab.report.findings import gaps, overview, service
from crmlab.report.language import Language, catalogue
from crmlab.service.complaints.outputs import OUTPUTS as COMPLAINTS
from crmlab.service.promises.outputs import OUTPUTS as PROMISES
from crmlab.service.surveys.outputs import OUTPUTS as SURVEYS
from crmlab.service.visits.outputs import OUTPUTS as VISITS
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
DECLARED = PROMISES | VISITS | COMPLAINTS | SURVEYS
NOTHING = {name: empty(DECLARED[name]) for name in service.TABLES}
SETTINGS = {
    "opens": "09:00",
    "country": "CN",
    "entry_days": 21,
    "keepable": 0.95,
    "repeat_days": 14,
    "prompt_days": 3,
    "ignored_days": 30,
    "stay_days": 365,
    "survey_months": 24,
    "min_group": 5,
}
SHARE = {"n": 3140, "share": 0.838, "low": 0.825, "high": 0.85}
METRICS = {
    "attainment": {"response": {"all": SHARE, "7*24*4": SHARE}, "fix": {"all": SHARE | {"share": 0.919}}},
    "first_time_fix": {"n": 900, "share": 0.75, "low": 0.72, "high": 0.78, "basis": "visits"},
    "second_visits": 300,
    "second_visit_cost": 9_000_000,
    "repeat_share": 0.05,
    "recovery": {"ignored": {"complaints": 315, "of_all": 0.369, "low": 0.337, "high": 0.402}},
    "levels_unknown": {"VIP-X": 3, "8*5": 12},
    "visits_before_report": 4,
    "closes_before_report": 2,
    "estimated_years": [2027],
    "unknown_years": [2003, 2004],
    "kind_agreement": {"n": 50, "share": 0.92, "low": 0.8, "high": 0.97},
    "compensation": 1_709_000,
}


def filled(table, **columns):
    """One row of a declared table; what is not named is missing."""
    frame = pd.DataFrame([columns]).reindex(columns=[column.name for column in DECLARED[table].columns])
    return conform(frame, DECLARED[table])


def method(metrics, **tables):
    return " ".join(m.in_language(EN) for m in service.method(metrics, NOTHING | tables, SETTINGS))


def test_attention_says_first_whether_promises_were_kept():
    first, *rest = service.attention(METRICS, NOTHING, SETTINGS)
    assert first.in_language(EN).startswith(
        "Response under 7*24*4 was in time for 83.8% of 3,140 tickets (82.5% to 85.0%)"
    )
    assert rest == []
    tables = NOTHING | {
        "second_visits": filled("second_visits", reason="skill", n=9, low=0.7, high=1.0, share=1.0, cost=100),
        "recovery": filled("recovery", end="solved", complaints=9, of_all=1.0, share=0.9),
        "servqual": filled("servqual", dimension="empathy", perception=0.7),
    }
    said = [m.in_language(EN) for m in service.attention(METRICS, tables, SETTINGS)]
    assert [m.split()[0] for m in said] == ["Response", "9", "None", "Cannot"]


def test_cards_show_what_the_stage_could_tell():
    cards = service.cards(METRICS, NOTHING, SETTINGS, "2026-10")
    assert [(card.label.in_language(EN), card.value.text(EN)) for card in cards] == [
        ("Response in time", "83.8%"),
        ("Repair in time", "91.9%"),
        ("First-time fix", "75.0%"),
        ("Cost of second visits", "CN¥90K"),
        ("Complaints ignored", "36.9%"),
        ("Reported again", "5.0%"),
    ]
    assert cards[0].beside.in_language(EN) == "82.5% to 85.0%, 3,140 tickets"
    assert len({card.key for card in cards}) == len(cards)


def test_a_proxy_is_called_one_and_is_not_compared_with_what_visits_say():
    seen, proxy = (
        service.cards(
            {"first_time_fix": METRICS["first_time_fix"] | {"basis": basis}}, NOTHING, SETTINGS, "2026-10"
        )[0]
        for basis in ("visits", "proxy")
    )
    assert proxy.label.in_language(EN) == "First-time fix (proxy)"
    assert proxy.key != seen.key


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {
            "attainment": {},
            "first_time_fix": None,
            "second_visit_cost": None,
            "repeat_share": None,
            "recovery": {"ignored": {"complaints": 0, "of_all": None}},
            "kind_agreement": {"n": 0, "share": None},
            "levels_unknown": {},
            "unknown_years": [],
        },
    ],
)
def test_a_stage_without_data_has_no_cards_and_says_so(metrics):
    assert service.cards(metrics, NOTHING, SETTINGS, "2026-10") == []
    assert service.promise_card(metrics) is None
    (said,) = service.attention(metrics, NOTHING, SETTINGS)
    assert said.in_language(EN).startswith("Cannot tell whether promises were kept")
    assert "holidays of" not in method(metrics)


def test_repair_speaks_where_no_response_is_known():
    metrics = {"attainment": {"fix": {"all": SHARE}}}
    cards = service.cards(metrics, NOTHING, SETTINGS, "2026-10")
    assert [card.label.in_language(EN) for card in cards] == ["Repair in time"]
    desk = {"attainment": {"recorded": {"all": SHARE}}}
    assert service.promise_card(desk).label.in_language(EN) == "In time, as the desk recorded"


def test_the_line_of_a_card_stops_at_the_reporting_month():
    rows = [("response", "month", f"2026-{m:02d}", 10, m, m / 10) for m in (8, 9, 10, 11)]
    frame = pd.DataFrame(rows, columns=["promise", "of", "group", "n", "kept", "share"])
    attainment = conform(frame.assign(low=0.0, high=1.0, unknown=0), DECLARED["attainment"])
    first = service.cards(METRICS, NOTHING | {"attainment": attainment}, SETTINGS, "2026-10")[0]
    assert list(first.line) == [0.8, 0.9, 1.0]


def test_the_method_admits_what_the_calendar_and_the_codes_do_not_say():
    said = method(METRICS)
    assert "The holidays of 2003, 2004 are not known to the calendar: only weekends count" in said
    assert "The holidays of 2027 are estimated" in said
    assert "Levels that name no hours: 8*5, VIP-X, on 15 tickets" in said
    assert "first visit lies before the report: 4" in said
    assert "closed before their report: 2; their repair cannot be told" in said
    untold = filled("attainment", promise="fix", of="all", group="", n=9, kept=8, share=0.9, unknown=7)
    assert "Repair: 7 tickets with a promise cannot be told" in method(METRICS, attainment=untold)


def test_the_method_says_how_long_service_sheets_take_where_they_take_any_time():
    assert "called late only 21 days after its promise was over" in method(METRICS)
    live = service.method(METRICS, NOTHING, SETTINGS | {"entry_days": 0})
    assert "service sheet" not in " ".join(m.in_language(EN) for m in live)


def test_the_method_speaks_of_visits_complaints_and_surveys_where_there_are_any():
    bare = method(METRICS)
    assert "solved promptly" not in bare
    assert "SERVQUAL" not in bare
    said = method(
        METRICS,
        recovery=filled("recovery", end="solved", complaints=9, share=0.9),
        servqual=filled("servqual", dimension="empathy", perception=0.7),
        alphas=filled("alphas", scale="empathy", kind="perception", alpha=0.5, low=0.4, high=0.6),
        second_visits=filled("second_visits", reason="skill", n=9, cost_recorded=0.25),
        first_fix=filled("first_fix", of="all", group="", basis="proxy", n=9, fixed=8, share=0.9),
    )
    assert (
        "solved promptly within 3 working days, ignored when still not solved more than 30 days after" in said
    )
    assert "both agree on 92% of complaints" in said
    assert "Compensation paid in the last twelve months: CN¥17.1K" in said
    assert "alpha below 0.7): empathy" in said
    assert "on record for 25% of them" in said
    assert "Proxy, as no visits are exported" in said


def test_the_method_tells_tickets_opened_again_and_the_third_gap_where_they_are_known():
    bare = method(METRICS)
    assert "opened again" not in bare
    assert "Gap 3" not in bare
    asked = filled("servqual", dimension="empathy", perception=0.7)
    said = method(
        METRICS | {"reopened": {"n": 200, "share": 0.05, "low": 0.03, "high": 0.09}}, servqual=asked
    )
    assert (
        "Of 200 closed tickets reported in the last twelve months, 5.0% were opened again (3.0% to 9.0%)"
        in said
    )
    assert (
        "Gap 3, between what is promised and what is done: 16.2% of promises were not kept (response)" in said
    )


def test_a_section_without_any_data_says_so_once():
    some = filled("recovery", end="solved", complaints=9, share=0.9)
    assert gaps.further(NOTHING["recovery"], NOTHING["complaint_kinds"]) == "nothing"
    assert gaps.further(some, NOTHING["complaint_kinds"]) == "title"


def test_the_overview_has_a_card_of_promises_kept():
    volume = pd.DataFrame({"table": ["sales"], "month": ["2026-10"], "rows": [1]})
    (card,) = overview.cards({"service": METRICS}, volume, "2026-10")
    assert (card.label.in_language(ZH), card.value.text(ZH)) == ("响应及时率", "83.8%")


def test_everything_that_may_be_lacking_is_translated():
    adds = [text for name, text in vars(gaps).items() if name.isupper() and isinstance(text, str)]
    words = catalogue("zh")
    assert [text for text in adds if not words.get(text, "lacks")] == []
