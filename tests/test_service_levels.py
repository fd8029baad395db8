"""The codes of service levels, in every spelling, and what params.yaml adds to them."""

import numpy as np
import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.levels import Level, Levels, canonical
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings

STATED = {"5*9": {"response_h": 9, "fix_h": 27}, "金牌": {"response_h": 2}, "夜班": {"days": 6, "hours": 16}}


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("7*24*4", Level("7*24*4", 7, 24, 4)),
        ("7*24*8", Level("7*24*8", 7, 24, 8)),
        ("7x24X4", Level("7*24*4", 7, 24, 4)),
        (" 7 × 24 × 4 ", Level("7*24*4", 7, 24, 4)),
        ("７＊２４＊４", Level("7*24*4", 7, 24, 4)),
        ("07*24*04.0", Level("7*24*4", 7, 24, 4)),
        ("7天*24小时*4小时", Level("7*24*4", 7, 24, 4)),
        ("7*24*4h", Level("7*24*4", 7, 24, 4)),
        ("24x7x4", Level("7*24*4", 7, 24, 4)),
        ("9*5", Level("5*9", 5, 9, 9, 27)),
        ("5×9", Level("5*9", 5, 9, 9, 27)),
        ("5*9*6", Level("5*9*6", 5, 9, 6)),  # another level than 5*9
        ("5*8.5", Level("5*8.5", 5, 8.5)),
        ("6*12", Level("6*12", 6, 12)),
        ("金牌", Level("金牌", 7, 24, 2)),
        (" 金 牌", Level("金牌", 7, 24, 2)),
        ("夜班", Level("夜班", 6, 16)),
    ],
)
def test_codes_and_names(code, level):
    assert Levels(STATED).read(code) == level


@pytest.mark.parametrize(
    "code", ["银牌", "", "4*24*4", "8*24", "7*25*4", "7*0*4", "7*24*0", "7*24*", "7", "7-24-4"]
)
def test_a_code_never_seen_is_not_guessed(code):
    assert Levels(STATED).read(code) is None


@pytest.mark.parametrize("code", ["7 x 24 x 4", "24*7", "9*5", "金牌", "4*30", "６*12*8.50", "Maxi 5x9"])
def test_one_spelling_stays_itself(code):
    assert canonical(canonical(code)) == canonical(code)


def test_params_overrule_the_code_in_any_spelling():
    levels = Levels({"7×24×4": {"response_h": 3, "fix_h": 12}})
    assert levels.read("7*24*4") == Level("7*24*4", 7, 24, 3, 12)
    assert Levels({"5*9": {"hours": 8}}).read("5*9") == Level("5*9", 5, 8)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (
            {"5*9": {"respond_h": 9}},
            "key 'respond_h' is not understood; write {days, hours, response_h, fix_h}",
        ),
        ({"5*9": {"days": 4}}, r"5\*9.days: 4 is not possible; write 5, 6 or 7"),
        ({"5*9": {"hours": 25}}, "25 is not possible; write more than 0, at most 24"),
        ({"5*9": {"fix_h": -1}}, "-1 is not possible; write a number of hours above 0"),
        ({"5*9": {"fix_h": "27"}}, "'27' is not possible"),
        ({"5*9": {"fix_h": True}}, "True is not possible"),
        ({"5*9": 9}, "9 is not understood"),
        ({"5*9": {}, "5×9": {}}, r"5\*9 stands there twice"),
    ],
)
def test_what_params_cannot_say(stated, message):
    with pytest.raises(CrmlabError, match=message):
        Levels(stated)


def test_a_table_of_codes():
    codes = pd.Series(["5×9", "银牌", None, "7*24*4", "5*9"], index=[3, 1, 4, 2, 0])
    said = Levels(STATED).table(codes)
    assert said.index.tolist() == [3, 1, 4, 2, 0]
    assert said["name"].fillna("-").tolist() == ["5*9", "银牌", "-", "7*24*4", "5*9"]
    assert said["known"].tolist() == [True, False, False, True, True]
    assert said["days"].tolist() == [5, 7, 7, 7, 5]
    assert said["response_s"].fillna(-1).tolist() == [9 * 3600, -1, -1, 4 * 3600, 9 * 3600]
    assert Levels({}).table(codes.head(0)).empty
    assert Levels({}).table(pd.Series([None, None], dtype="string"))["name"].isna().all()


def test_each_ticket_on_the_clock_of_its_level():
    settings = Settings(**{**dict.fromkeys(Settings.__dataclass_fields__), "levels": {}, "opens": "09:00"})
    clocks = LevelClocks(Workdays(np.datetime64("2026-06-01"), np.datetime64("2026-06-30")), settings)
    level = pd.Series(["5*9", "7*24*4", "银牌", None, "5*9"])
    start = pd.Series(pd.to_datetime(["2026-06-05 17:00"] * 4 + [None]))
    end = pd.Series(pd.to_datetime(["2026-06-08 10:00"] * 5))
    hours = clocks.seconds_between(level, start, end) / 3600
    assert hours[:4].tolist() == [2, 65, 65, 65]
    assert np.isnan(hours[4])
    due = clocks.after(level, start, pd.Series([2, 2, 2, 2, 2]) * 3600.0)
    assert due[0] == np.datetime64("2026-06-08T10:00")
    assert (due[1:4] == np.datetime64("2026-06-05T19:00")).all()
    assert np.isnat(due[4])
