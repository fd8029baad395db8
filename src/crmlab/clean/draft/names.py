"""How much a header reads like a column of the contract: by its words, in English and Chinese, abbreviations spelt out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crmlab.clean.reading.headers import STANDS_IN, fold_header
from crmlab.tables import CONTRACT, TICKETS, Column, Table

ALIAS = 1.0
"""A header that is the column's name or alias; it needs no line in mapping.yaml."""
KNOWN, WEAK = 0.95, 0.7
"""What a phrase of words.yaml is worth when all of it is said: one that means the column, one that can mean others, too."""
SHORT = {
    "no": "number", "nr": "number", "num": "number", "nbr": "number", "qty": "quantity", "quant": "quantity", "amt": "amount",
    "desc": "description", "descr": "description", "cust": "customer", "dt": "date", "ts": "time", "tm": "time", "inv": "invoice",
    "prod": "product", "cat": "category", "loc": "location", "svc": "service", "serv": "service", "eng": "engineer",
    "tech": "technician", "wo": "work order", "sn": "serial number", "sr": "service request", "txn": "transaction",
    "trans": "transaction", "trx": "transaction", "acct": "account", "ref": "reference", "cd": "code",
    "dept": "department", "pct": "percent", "perc": "percent", "val": "value", "equip": "equipment", "mach": "machine",
    "pm": "maintenance", "ci": "configuration item", "mfr": "manufacturer", "mfg": "manufacturer", "rep": "representative",
    "org": "organisation", "organization": "organisation", "cnt": "count", "disc": "discount", "maint": "maintenance",
    "prio": "priority", "sched": "scheduled", "appt": "appointment", "resp": "response", "stat": "status", "curr": "currency",
    "addr": "address", "tel": "phone", "datetime": "time", "dttm": "time", "pcs": "piece", "mtl": "material", "mat": "material",
    "matl": "material", "po": "order", "so": "order", "yr": "year", "mth": "month", "compl": "completion", "lvl": "level", "nm": "name",
    "sym": "symptom", "colour": "color", "kms": "kilometer", "km": "kilometer",
}  # fmt: skip
"""Abbreviations of systems and their makers."""
_LIGHT = {
    "id", "number", "code", "date", "time", "key", "value", "text", "type", "name", "reference", "timestamp", "status",
    "index", "record", "count", "description",
}  # fmt: skip
"""Words that say what sort of thing it is, not which."""
_SILENT = {
    "the", "of", "a", "an", "at", "on", "in", "is", "was", "has", "and", "to", "u", "sys", "x", "fk", "pk", "this", "basic", "original", "bsc",
    "raw", "full", "main", "utc", "local", "field", "column",
}  # fmt: skip
_HEAD = {
    "name", "date", "time", "timestamp", "price", "cost", "amount", "type", "category", "status", "state", "group", "year", "month", "day", "age",
    "weight", "width", "height", "length", "size", "color", "address", "city", "country", "description", "count", "total", "rate",
    "reason", "level", "quantity", "percent", "currency", "duration", "hour", "minute", "flag", "score", "rating", "unit",
    "language", "gender", "comment", "note", "model", "number", "id", "code", "by", "method", "phone", "mail", "url", "image",
}  # fmt: skip
"""Last words that decide what a header means: a customer's age is not the customer."""
_SAME = {frozenset(("date", "time")), frozenset(("date", "timestamp")), frozenset(("time", "timestamp"))} | {
    frozenset(pair) for pair in (("id", "number"), ("id", "code"), ("number", "code"), ("state", "status"))
}
_NAMING = 3
"""The first of `_SORTS` say which one it is; the others make it another thing."""
_SORTS = (
    ("时间", "日期", "时刻"), ("编号", "号码", "代码", "号"), ("名称", "姓名", "名"), ("金额", "总额", "价", "费"),
    ("类型", "类别", "种类", "分类"), ("数量", "件数", "次数"), ("地址",), ("状态",), ("率", "比例"),
)  # fmt: skip
"""Last characters of Chinese headers that say what sort of thing it is."""
_HAN = re.compile("[\u3400-\u9fff]+")


@dataclass(frozen=True)
class Likeness:
    """How much a header reads like a column (0 to 1), and the phrase that it reads like."""

    score: float
    phrase: str = ""

    @property
    def alias(self) -> bool:
        """The header is recognised without a line in mapping.yaml."""
        return self.score >= ALIAS


def likeness(header: str, table: Table, column: Column) -> Likeness:
    """How much `header` reads like `column` of `table`.

    >>> from crmlab.tables import SALES
    >>> likeness("InvoiceDt", SALES, SALES.column("sold_at")).phrase
    'invoice_date'
    >>> likeness("customer age", SALES, SALES.column("customer_id")).score < 0.5
    True
    """
    return _likeness(header, table.name, column.name)


@cache
def _likeness(header: str, table: str, column: str) -> Likeness:
    if fold_header(header) in _aliases(table, column):
        return Likeness(ALIAS, header)
    best = Likeness(0.0)
    for phrase, worth in _phrases(table, column):
        score = worth * max(_alike(spelling, phrase) * trust for spelling, trust in _spellings(header, table))
        if score > best.score:
            best = Likeness(round(score, 3), phrase)
    return best


@cache
def _spellings(header: str, table: str) -> list[tuple[str, float]]:
    """The header, and without what its whole table is about: a ticket's description is the description. Each with what it is worth."""
    own = {_stem(w) for w in _words()["files"].get(table, ()) if " " not in w}
    said = spelt(header)
    rest = [w for w in said if _stem(w) not in own]
    return [(header, 1.0), (" ".join(rest), 0.98)] if 0 < len(rest) < len(said) else [(header, 1.0)]


def file_likeness(name: str, table: Table) -> bool:
    """Whether the name of a file speaks of `table`."""
    stem = re.sub(r"\.[a-z]{2,7}(\.gz)?$", "", name.lower())
    own = [table.name, table.zh, *table.also, *_words()["files"].get(table.name, ())]
    said = f" {' '.join(words(stem))} "
    return any(f" {' '.join(words(w))} " in said or (_HAN.search(w) and w in stem) for w in own)


@cache
def words(text: str) -> tuple[str, ...]:
    """The words of a header: split at case, signs and digits, abbreviations spelt out, endings cut off.

    >>> words("BscStartDt"), words("qty_ordered")
    (('start', 'dat'), ('quantity', 'order'))
    """
    return tuple(_stem(w) for w in spelt(text))


@cache
def spelt(text: str) -> tuple[str, ...]:
    """The words of a header with their endings, without those that say nothing."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    found: list[str] = []
    for word in re.findall(r"[a-z]+|[0-9]+", text.lower()):
        whole = SHORT.get(word, word)
        parts = whole.split() if whole != word else _halves(word)
        found += parts
    return tuple(w for w in found if w not in _SILENT) or tuple(found)


def _halves(word: str) -> list[str]:
    """Known words written as one: shorttext, orderlinenumber."""
    known = _vocabulary()
    if len(word) < 6 or _stem(word) in known:
        return [word]
    for cut in range(len(word) - 2, 1, -1):
        left = SHORT.get(word[:cut], word[:cut])
        if len(left) < 3 or not (_stem(left) in known or left in _SILENT):
            continue
        rest = word[cut:]
        right = SHORT.get(rest, rest)
        parts = right.split() if right != rest or rest in known or _stem(rest) in known else _halves(rest)
        if all(_stem(part) in known for part in parts):
            return [*left.split(), *parts]
    return [word]


@cache
def _vocabulary() -> set[str]:
    content = _words()
    phrases = [
        p for part in (content["columns"], *content["tables"].values()) for ps in part.values() for p in ps
    ]
    return {_stem(w) for p in phrases for w in re.findall("[a-z]{3,}", p)} | {"id"}


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


@cache
def _alike(header: str, phrase: str) -> float:
    han = "".join(_HAN.findall(header)), "".join(_HAN.findall(phrase))
    if all(han):
        return _han_alike(*han)
    if any(han) and not re.search("[A-Za-z]{2}", header if han[0] else phrase):
        return 0.0
    theirs, ours = words(header), words(phrase)
    if not theirs or not ours:
        return 0.0
    free = list(ours)
    shared = 0.0
    for word in theirs:
        match = next((w for w in free if _same_word(word, w)), None)
        if match is not None:
            free.remove(match)
            shared += min(_weight(word), _weight(match))
    found = 2 * shared / (sum(map(_weight, theirs)) + sum(map(_weight, ours)))
    last = next((w for w in ours if _same_word(theirs[-1], w)), None)
    bare = (
        ours[-1] in free and ours[-1] in _light_stems() and len(ours) > 1
    )  # an issue is not yet the number
    return found * _heads(spelt(header)[-1], spelt(phrase), said=last is not None) * (0.8 if bare else 1.0)


def _heads(head: str, phrase: tuple[str, ...], *, said: bool) -> float:
    """Less where the header ends with a word that makes it another thing; `said` if the phrase has that word."""
    if said or any(frozenset((head, w)) in _SAME for w in phrase):
        return 1.0
    if head in _HEAD:
        named = head in ("id", "number", "code", "date", "time", "timestamp") and phrase[-1] not in _HEAD
        return 1.0 if named else 0.55  # the customer's number is the customer, the closing date the closing
    return 1.0 if head in _LIGHT or head.endswith("ed") or head.isdigit() else 0.75


@cache
def _same_word(a: str, b: str) -> bool:
    """Whether `a`, of a header, is `b`: but for a slip of the pen, or cut short to five letters or more."""
    from rapidfuzz.fuzz import ratio

    if a == b or min(len(a), len(b)) < 5:
        return a == b
    return ratio(a, b) >= 88 or (b.startswith(a) and a not in _vocabulary())


@cache
def _weight(word: str) -> float:
    return 0.35 if word in _light_stems() or word.isdigit() else 1.0


@cache
def _light_stems() -> set[str]:
    return {_stem(w) for w in _LIGHT}


def _han_alike(header: str, phrase: str) -> float:
    from rapidfuzz.fuzz import ratio

    theirs, ours = (
        next((n for n, ends in enumerate(_SORTS) if text.endswith(ends)), None) for text in (header, phrase)
    )
    alike = ratio(header, phrase) / 100
    if None not in (theirs, ours) and theirs != ours:
        return 0.4 * alike
    return 0.55 * alike if ours is None and theirs is not None and theirs >= _NAMING else alike


@cache
def _aliases(table: str, column: str) -> set[str]:
    return {fold_header(n) for n in _own(table, column)}


def _own(table: str, column: str) -> list[str]:
    """Name and aliases; where the table has no column for a customer's name, it stands in for the number."""
    own = [column, *CONTRACT[table].column(column).aliases]
    stand_in = STANDS_IN.get(column)
    if stand_in and all(c.name != stand_in for c in CONTRACT[table].columns):
        named = TICKETS.column(stand_in)
        own += [named.name, *named.aliases]
    return own


@cache
def _phrases(table: str, column: str) -> list[tuple[str, float]]:
    content = _words()
    said = content["tables"].get(table, {}).get(column) or content["columns"].get(column, [])
    own = [(name, KNOWN) for name in _own(table, column)]
    return own + [(p.lstrip("~"), WEAK if p.startswith("~") else KNOWN) for p in said]


@cache
def _words() -> dict:
    import yaml

    return yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
