"""What must never leave the building: names, phones, e-mails and identity numbers that people type into free text.

All invented and nobody's: phones begin with 1990000, identity numbers with 99 (no region) and end in a wrong check digit,
e-mail addresses end in example.com, and contacts are called by one of eight surnames.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

KINDS = ("phone", "id_card", "email", "name")
SHARE = {"tickets": 0.008, "complaints": 0.10, "surveys": 0.08}
"""Share of the texts of each table that hold something private."""
SURNAMES = np.array(list("赵钱孙李周吴郑王"), dtype=object)
TITLES = np.array(["先生", "女士"], dtype=object)
_WORDS = {
    "phone": ("，电话{}", "，请回电{}", ", call {}"),
    "id_card": ("，身份证{}", "，身份证号：{}", ", ID {}"),
    "email": ("，邮箱{}", "，请发{}", ", mail to {}"),
    "name": ("，找{}", "，联系人{}", ", ask for {}"),
}
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = "10X98765432"


def plant(
    texts: np.ndarray, share: float, names: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, pd.DataFrame]:
    """`texts` of which `share` (of those not empty) end in something private; and what: `row`, `kind`, `value`.

    `names` are the contacts' own, one per text.
    """
    rows = np.flatnonzero((rng.random(len(texts)) < share) & (texts != ""))
    kind = rng.integers(0, len(KINDS), len(rows))
    how = rng.choice(3, len(rows), p=[0.5, 0.35, 0.15])
    numbers = rng.integers(0, 10_000, (len(rows), 3))
    texts = texts.copy()
    values = []
    for row, k, h, drawn in zip(rows, kind, how, numbers.tolist(), strict=True):
        value = (_phone, _identity, _mail, lambda _, row=row: names[row])[k](drawn)
        values.append(value)
        texts[row] = texts[row] + _WORDS[KINDS[k]][h].format(value)
    return texts, pd.DataFrame(
        {"row": rows, "kind": np.array(KINDS, dtype=object)[kind], "value": values}
    ).astype({"row": int})


def contacts(n: int, rng: np.random.Generator) -> np.ndarray:
    """Invented persons."""
    return SURNAMES[rng.integers(0, 8, n)] + TITLES[rng.integers(0, 2, n)]


def _phone(drawn: list[int]) -> str:
    return f"1990000{drawn[0]:04d}"


def _identity(drawn: list[int]) -> str:
    day = f"{1950 + drawn[0] % 50}{1 + drawn[1] % 12:02d}{1 + drawn[2] % 28:02d}"
    number = f"99{drawn[0]:04d}{day}{drawn[1] % 1000:03d}"
    right = _CHECK[int(np.array(list(number), int) @ _WEIGHTS) % 11]
    return number + ("5" if right != "5" else "6")


def _mail(drawn: list[int]) -> str:
    return f"kehu{drawn[0]:04d}@example.com"
