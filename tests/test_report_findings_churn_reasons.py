"""Every feature can be said in both languages, as a fact with its figure."""

import pytest
from renewals import EN, ZH, said

from crmlab.churn.landmarks.features import LABELS, NUMERIC
from crmlab.report.findings.churn_features import CALENDAR, UNITS, feature_name
from crmlab.report.findings.churn_reasons import FACTS, reason

FEATURES = (*NUMERIC, *(f"{label}=x" for label in LABELS))


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("value", [0.0, 1.0, 7.0, 0.25])
def test_every_feature_has_a_reason_in_both_languages(feature, value):
    english, chinese = (said(reason(feature, value), language) for language in (EN, ZH))
    assert english != chinese
    assert "{" not in english + chinese
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


def test_every_feature_has_a_name_and_nothing_else_has():
    assert set(UNITS) == set(NUMERIC)
    assert set(FACTS) | set(CALENDAR) == set(NUMERIC)
    names = [said(feature_name(feature), ZH) for feature in FEATURES]
    assert len(set(names)) == len(FEATURES)


@pytest.mark.parametrize(
    ("feature", "value", "english", "chinese"),
    [
        ("broken_promises_faded", 0, "no promise broken within a year", "一年内没有未兑现的承诺"),
        ("broken_promises_faded", 1, "one promise broken within a year", "一年内 1 次承诺未兑现"),
        ("broken_promises_faded", 2, "2 promises broken within a year", "一年内 2 次承诺未兑现"),
        ("days_late", 14.2, "payments 14 days late on average", "平均逾期付款 14 天"),
        ("days_late", -3.0, "payments on time on average", "平均按时付款"),
        ("days_late", None, "no payment due within a year", "一年内没有应付款"),
        ("offered_change", 0.12, "a price 12% higher offered", "报价上涨 12%"),
        ("offered_change", -0.1, "a price 10% lower offered", "报价降低 10%"),
        ("offered_change", 0.001, "the same price offered", "报价不变"),
        ("offered_change", None, "no price offered for the next term yet", "尚未给出下一期报价"),
        ("unsigned_60", 26, "26 days to the end, not signed", "离到期还有 26 天，尚未签约"),
        ("unsigned_30", 1, "one day to the end, not signed", "离到期还有 1 天，尚未签约"),
        ("past_usual_lead", 0, "the last day, not signed", "今天到期，尚未签约"),
        ("in_grace", -1, "over since a day, not signed", "已到期 1 天，尚未签约"),
        ("grace_days_gone", -12, "over since 12 days, not signed", "已到期 12 天，尚未签约"),
        ("survey_mark", 0.58, "satisfaction 58 of 100", "满意度 58 分（满分 100）"),
        ("usual_lead", 12, "signed 12 days before the end last time", "上次提前 12 天签约"),
        ("usual_lead", -4, "signed 4 days after the end last time", "上次到期后 4 天才签约"),
        ("tenure_years", 1.46, "a customer for 1.5 years", "合作 1.5 年"),
        ("amount", 1_234_500_00, "a price of CN¥1.2M a year", "年价 ¥123.4万"),
        ("auto_renew", 0, "does not renew by itself", "不自动续保"),
        ("industry=hotel", None, "industry: hotel", "行业：酒店"),
        ("tier=small", 1, "customer tier: small", "客户级别：一般客户"),
    ],
)
def test_the_fact_is_said_with_its_figure(feature, value, english, chinese):
    assert (said(reason(feature, value)), said(reason(feature, value), ZH)) == (english, chinese)


@pytest.mark.parametrize(
    ("feature", "value"), [(None, None), ("", 1), ("tickets_90", None), ("no_such_feature", 2)]
)
def test_nothing_is_said_of_what_is_not_known(feature, value):
    assert reason(feature, value) is None


def test_an_unknown_feature_stands_as_it_is():
    assert feature_name("no_such_feature") == "no_such_feature"
    assert said(feature_name("branch=杭州")) == "branch: 杭州"
