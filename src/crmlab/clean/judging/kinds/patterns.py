"""What gives people away in free text: regular expressions for kinds/scrub.sql, in what RE2 and Java read alike.

Digits may be full-width. A number that stands in groups is found wherever it stands; a number in one piece only where the whole run of
digits is one, so that a longer number (a serial, a moment as 20261031090512) stays.
"""

from __future__ import annotations

D = "[0-9０-９]"
SEPARATOR = "[- 　－–—.·]{1,3}"
"""Between groups of a number, as in `138 - 1234 - 5678`."""
MAYBE = "[- 　－–—.·]{0,3}"
_SPACE = "[ 　]"
_YEAR = f"([1１][9９]|[2２][0０]){D}{D}"
_DAY = f"([0０]{D}|[1１][0-2０-２]){{gap}}[0-3０-３]{D}"
_AREA = f"[0０][1-9１-９]{D}{{1,2}}"
_LOCAL = f"[2-8２-８]{D}{{2,3}}"
"""A number of 7 or 8 digits begins with 2 to 8, but for its last four digits."""

_SURNAME = (
    "(欧阳|上官|司马|司徒|诸葛|皇甫|尉迟|公孙|慕容|令狐|夏侯|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶"
    "程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤赖邢施樊殷洪颜倪庄聂章鲁岳翟俞"
    "葛柯毕骆焦柳欧祝纪尤裴凌阮费詹冉梅盛翁童耿阎])"
)
_HONOURED = "先生|女士|小姐|太太"
_TITLED = "经理|主任|老师|师傅|科长|处长|局长|行长|院长|所长|厂长|校长|工程师|总监|主管|阿姨|同志|医生"
NAME = (
    f"{_SURNAME}[\u3400-\u9fff]{{0,2}}({_HONOURED})|{_SURNAME}({_TITLED})"
    "|(Mr|Mrs|Ms|Miss|Dr)[.]?[ ][A-Z][A-Za-z-]+([ ][A-Z][A-Za-z-]+)?"
)
"""A surname with what people are called by; a full name without it is found only where a column of the row gives it (scrub.py)."""
EMAIL = (
    "[A-Za-z0-9Ａ-Ｚａ-ｚ０-９._%+-]+[ ]?[@＠][ ]?[A-Za-z0-9Ａ-Ｚａ-ｚ０-９.-]+[.．][A-Za-zＡ-Ｚａ-ｚ]{2,}"
)
GROUPS_OF_IDENTITY = "|".join(
    (
        f"[1-9１-９]{D}{{5}}{MAYBE}{_YEAR}{MAYBE}{_DAY.replace('{gap}', MAYBE)}{MAYBE}{D}{{3}}[XxＸｘ]",
        f"[1-9１-９]{D}{{5}}{SEPARATOR}{_YEAR}{MAYBE}{_DAY.replace('{gap}', MAYBE)}{MAYBE}{D}{{4}}",
    )
)
"""Region, birthday, order and check digit: ends in X, or stands in groups."""
GROUPS_OF_PHONE = "|".join(
    (
        f"[+＋]{D}[-0-9０-９ 　－()（）]{{6,16}}{D}",
        f"[1１][3-9３-９]{D}{SEPARATOR}{D}{{4}}{MAYBE}{D}{{4}}",
        f"[1１][3-9３-９]{D}{SEPARATOR}{D}{{3}}{SEPARATOR}{D}{{5}}",
        f"[1１][3-9３-９]{D}{D}{SEPARATOR}{D}{{3}}{SEPARATOR}{D}{{4}}",
        f"[1１][3-9３-９]{D}{{5}}{SEPARATOR}{D}{{4}}",
        f"[(（]?{_AREA}[)）]{MAYBE}{_LOCAL}{MAYBE}{D}{{4}}",
        f"{_AREA}{SEPARATOR}{_LOCAL}{MAYBE}{D}{{4}}",
        f"[4８8４][0０][0０]{SEPARATOR}{D}{{3}}{MAYBE}{D}{{4}}",
        f"[4８8４][0０][0０]{D}?{SEPARATOR}{D}{{3,4}}{SEPARATOR}{D}{{3}}",
        f"[(（]{D}{{3}}[)）]{_SPACE}?{D}{{3}}[- 　.]{D}{{4}}",
        f"[2-9２-９]{D}{D}{_SPACE}[2-9２-９]{D}{D}{_SPACE}{D}{{4}}",
        f"[(（][0０][1-9１-９]{D}{{2,3}}[)）]{_SPACE}?{D}{{3}}{_SPACE}?{D}{{3,4}}",
        f"[0０][7７]{D}{{3}}{_SPACE}{D}{{3}}{_SPACE}?{D}{{3}}",
        f"[0０][1-9１-９]{D}{{3}}{_SPACE}[3-9３-９]{D}{D}{_SPACE}?{D}{{3}}",
        f"[0０][1１][5-7５-７]{D}{_SPACE}{D}{{3}}{_SPACE}?{D}{{4,5}}",
        f"[0０][1-9１-９]({_SPACE}{D}{D}){{4}}",
    )
)
"""+86 …; a mobile in groups; an area code in brackets or apart from its number; 400 and 800; then as in the United States, Britain,
Germany and France, with spaces only and so that no 20260731 090512 looks like one."""
WHOLE_IDENTITY = (
    f"^([1-9１-９]{D}{{5}}{_YEAR}{_DAY.replace('{gap}', '')}{D}{{4}}"
    f"|[1-8１-８]{D}{{5}}{D}{{2}}{_DAY.replace('{gap}', '')}{D}{{3}})\\z"
)
"""18 digits, or 15 of a card from before 1999."""
WHOLE_PHONE = "^({})\\z".format(
    "|".join(
        (
            f"([0０][0０]|[0０])?([8８][6６])?[1１][3-9３-９]{D}{{9}}",
            f"[0０]([1１][0０]|[2２]{D})[2-8２-８]{D}{{7}}",
            f"[0０][3-9３-９]{D}{{2}}[2-8２-８]{D}{{6,7}}",
            f"[4８8４][0０][0０]{D}{{7}}",
        )
    )
)
LONG = f"{D}{{10}}"
"""What the shortest of the numbers in one piece holds."""
SUSPECT = f"[@＠]|{D}[-0-9０-９ 　－–—.·()（）]{{5}}"
UNFOLDED_SUSPECT = f"[@＠]|{D}[-0-9０-９ 　\\x{{A0}}－–—−.．·()（）\\x00]{{5}}"
"""The same in a cell that is not folded yet."""
SUSPECT_NAME = f"{_HONOURED}|{_TITLED}|(Mr|Mrs|Ms|Miss|Dr)[. ]"
"""What every one of them holds: most cells have nothing of the kind, and are left alone."""


def fill(sql: str, *, names: bool) -> str:
    """`sql` with the patterns in their places, such as `{long}`, and as `{grouped}` the text `{x}` without what stands in groups.

    names : of people as well; not where a name may be that of a customer.
    """
    grouped = f"regexp_replace({{x}}, '{EMAIL}', '[email]', 'g')"
    if names:
        grouped = f"regexp_replace({grouped}, '{NAME}', '[name]', 'g')"
    for mark, pattern in {"id": GROUPS_OF_IDENTITY, "phone": GROUPS_OF_PHONE}.items():
        grouped = f"regexp_replace({grouped}, '{pattern}', '[{mark}]', 'g')"
    filled = {
        "grouped": grouped,
        "suspect": f"{SUSPECT}|{SUSPECT_NAME}" if names else SUSPECT,
        "long": LONG,
        "whole_identity": WHOLE_IDENTITY,
        "whole_phone": WHOLE_PHONE,
    }
    for place, pattern in filled.items():
        sql = sql.replace(f"{{{place}}}", pattern)
    return sql
