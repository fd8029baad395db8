"""The truth behind the simulated company: what no export says and benchmarks measure against.

*Best possible* means the true parameters applied to what is observable at the call; for purchases and renewals the latent
rate stands in, an upper bound. Tables:

customers     types, latent traits, the day dealings end, orders a year at END, profit earned in the next 36 months in fen (`profit`:
              mean over draws, `profit_error`: its standard error, `profit_sd`: over draws, `discounted`, `realised`), who
              answers surveys (`takes_part`), mean days late and share over 30 days late of undisputed invoices
tickets       true and recorded cause, symptom, incident, planted burst, held-out wording, visits, chance to come in time, promise,
              complaint
at_call       P(true first cause | everything visible at the call), one column per cause
from_text     P(true first cause | the text alone)
kits          best kit of at most two parts, its first-time-fix probability, and that of the kit the desk named
renewals      P(renewal) of each term at its decision (open ones: as things stand at END)
types         the type of each customer by month
planted       machines of the bad disk batch, families of the firmware bug, and when
complaints    kind, reason, recovery (ignored, solved, solved promptly), justified, where it rests, whether it moves a renewal
quality       expected and perceived quality by customer and dimension, 0 to 1, at END or when dealings ended
opportunities how each one ends, also after END
drivers       outcome, driver, effect: what moves renewals, complaints, perceived quality and the overall score
private       names, phones, e-mails and identity numbers in free text: table, key, column, kind, value
dirt          table, key, column, kind and what stood there before
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..files import CrmlabError
from . import company, export, future, nine_types, office_truth, posterior, record, sales
from .causes import CAUSES
from .customers import BUYERS
from .phrasings import TOPICS
from .visits import part_numbers
from .world import BATCH_AGE, BUG_FAMILY, BUG_FROM, BUG_TO, CHUNK, DAYS, START, YEAR

if TYPE_CHECKING:
    from .company import Chunk

DRAWS = 60
_ZH = np.array([*(c.zh for c in CAUSES), ""], dtype=object)


def truth(seed: int = 2009, customers: int = 1200, draws: int = DRAWS) -> dict[str, pd.DataFrame]:
    """The truth of the first `customers` customers; profit by Monte Carlo over `draws` futures (0.1 s per draw and chunk)."""
    made: dict[str, list[pd.DataFrame]] = {}
    for _, tables in _chunks(seed, customers, draws):
        for name, frame in tables.items():
            made.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in made.items()}


def write_truth(
    folder: str | Path,
    customers: int = 1200,
    seed: int = 2009,
    draws: int = DRAWS,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write each table of `truth` as <folder>/<table>.parquet, chunk by chunk.

    Raises CrmlabError when `folder` lies under a data folder or holds exports: the truth never lies beside the data.
    """
    import pyarrow as pa
    from pyarrow import parquet

    folder = Path(folder)
    homes = (folder.resolve(), *folder.resolve().parents)
    in_project = any(home.name == "data" and (home.parent / "params.yaml").exists() for home in homes)
    if in_project or any((home / "mapping.yaml").exists() for home in homes):
        raise CrmlabError(f"{folder}: the truth never lies beside the data; name a folder outside of it")
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, parquet.ParquetWriter] = {}
    try:
        for done, tables in _chunks(seed, customers, draws):
            for name, frame in tables.items():
                table = pa.Table.from_pandas(frame, preserve_index=False)
                if name not in writers:
                    writers[name] = parquet.ParquetWriter(folder / f"{name}.parquet", table.schema)
                writers[name].write_table(table.cast(writers[name].schema))
            if progress:
                progress(done, customers)
    finally:
        for writer in writers.values():
            writer.close()


def _chunks(seed: int, customers: int, draws: int) -> Iterator[tuple[int, dict[str, pd.DataFrame]]]:
    population = _population(seed)
    for chunk in export.chunks(seed, customers):
        mine = (chunk.people["customer"] < customers).to_numpy()
        calls = chunk.calls[mine[chunk.calls["who"]]]
        tables = {
            "customers": _customers(chunk, draws)[mine],
            "tickets": _tickets(chunk, calls),
            **_diagnoses(chunk, calls, population),
            "renewals": _renewals(chunk, mine),
            "types": _types(chunk, mine),
            "planted": _planted(chunk, mine),
            "complaints": office_truth.complaints(chunk, mine),
            "quality": office_truth.quality(chunk, mine),
            "opportunities": office_truth.opportunities(chunk, mine),
            "private": office_truth.private(chunk, mine),
            "dirt": export.exported(seed, chunk, customers)[2],
        }
        if chunk.number == 0:
            tables["drivers"] = office_truth.drivers()
        yield min((chunk.number + 1) * CHUNK, customers), tables


@lru_cache(maxsize=4)
def _population(seed: int) -> np.ndarray:
    """P(panel, first cause) over calls for repair, from the first three chunks."""
    total = np.zeros((2, len(CAUSES)))
    for number in range(3):
        chunk = company.play(seed, number)
        rows = np.flatnonzero(chunk.calls["cause"] >= 0)
        prior, panel = posterior.priors(chunk, rows), posterior.panels(chunk, rows)
        for lights in (0, 1):
            total[lights] += prior[panel == lights].sum(0)
    return total / total.sum()


def _customers(chunk: Chunk, draws: int) -> pd.DataFrame:
    people, n = chunk.people, len(chunk.people)
    names = np.array(nine_types.TYPES, dtype=object)
    trend = np.exp(nine_types.effect("trend", people, np.arange(n), np.full(n, DAYS)) * (DAYS / YEAR - 2.5))
    buys = (chunk.leaves > DAYS) & (people["dies"].to_numpy() > DAYS)
    regular = people["buyer"].to_numpy() == 1  # whose rate has no trend
    realised = future.profit(future.play(chunk), n)
    ways = [future.play(chunk, draw) for draw in range(1, draws + 1)]
    profits = np.stack([future.profit(way, n) for way in ways]) if draws else np.full((1, n), np.nan)
    later = np.stack([future.profit(way, n, True) for way in ways]) if draws else np.full((1, n), np.nan)
    spread = profits.std(0, ddof=1) if draws > 1 else np.full(n, np.nan)
    return pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "type": names[people["type"]],
            "type_2": np.where(people["lean"] > 0, names[people["type_2"]], ""),
            "type_changes": _dates(people["changes"]),
            "type_later": np.where(people["changes"] < DAYS, names[people["type_later"]], ""),
            "engagement": people["engagement"],
            "frailty": people["frailty"],
            "buyer": np.array(BUYERS, dtype=object)[people["buyer"]],
            "stops_buying": _dates(people["dies"]),
            "leaves": _dates(chunk.leaves),
            "orders_a_year": sales.BUY_RATE * people["buy_rate"] * np.where(regular, 1, trend) * buys,
            "name_variant": people["variant"],
            **office_truth.habits(chunk),
            "profit": profits.mean(0),
            "profit_sd": spread,
            "profit_error": spread / np.sqrt(max(draws, 1)),
            "discounted": later.mean(0),
            "realised": realised,
        }
    )


def _dates(days) -> np.ndarray:
    """Dates up to END; what lies after it has not happened and is NaT."""
    days = np.asarray(days, float)
    known = days < DAYS
    return np.where(known, START + np.where(known, days, 0).astype("m8[D]"), np.datetime64("NaT")).astype(
        "M8[ms]"
    )


def _tickets(chunk: Chunk, calls: pd.DataFrame) -> pd.DataFrame:
    topics = np.array([*TOPICS, ""], dtype=object)
    return pd.DataFrame(
        {
            "ticket_id": calls["ticket_id"],
            "cause": _ZH[calls["cause"]],
            "cause_2": _ZH[calls["cause_2"]],
            "recorded": _ZH[calls["recorded"]],
            "symptom": topics[calls["topic"]],
            "mention": topics[calls["mention"]],
            "incident": [f"{chunk.number}:{k}" for k in calls["incident"]],
            "planted": calls["planted"],
            "held_out": calls["held_out"],
            "is_open": record.is_open(calls),
            "visits": calls["visits"],
            "response_chance": calls["response_chance"],
            "promise_broken": calls["broken"],
            "complaint": calls["complaint"],
            "unsolved": calls["unsolved"],
        }
    ).reset_index(drop=True)


def _diagnoses(chunk: Chunk, calls: pd.DataFrame, population: np.ndarray) -> dict[str, pd.DataFrame]:
    rows = calls.index[calls["cause"] >= 0].to_numpy()
    faults = chunk.calls.iloc[rows]
    topic, mention = faults["topic"].to_numpy(), faults["mention"].to_numpy()
    states = posterior.at_call(posterior.priors(chunk, rows), posterior.panels(chunk, rows), topic, mention)
    text = posterior.from_text(population, topic, mention)
    fix = posterior.first_time_fix(states)
    kits = np.array(posterior.KITS)
    best = fix.argmax(1)
    number = {kit: k for k, kit in enumerate(posterior.KITS)}
    named = [
        number[(first, -1) if second < 0 else (min(first, second), max(first, second))]
        for first, second in zip(faults["part_1"].tolist(), faults["part_2"].tolist(), strict=True)
    ]
    ticket = {"ticket_id": faults["ticket_id"].to_numpy()}
    return {
        "at_call": pd.DataFrame(ticket | dict(zip(_ZH, posterior.first_cause(states).T, strict=False))),
        "from_text": pd.DataFrame(ticket | dict(zip(_ZH, posterior.first_cause(text).T, strict=False))),
        "kits": pd.DataFrame(
            ticket
            | {
                "part_1": part_numbers(kits[best, 0]),
                "part_2": part_numbers(kits[best, 1]),
                "first_time_fix": fix.max(1),
                "first_time_fix_desk": fix[np.arange(len(rows)), named],
            }
        ),
    }


def _renewals(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    terms = chunk.terms
    contracts = record.record(chunk)["contracts"]
    return pd.DataFrame(
        {
            "contract_id": contracts["contract_id"],
            "decides": START + terms["decides"].to_numpy().astype("m8[D]"),
            "is_decided": terms["decides"] < DAYS,
            "p_renew": terms["p_renew"],
        }
    )[mine[terms["who"]]]


def _types(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    people = chunk.people[mine]
    names = np.array(nine_types.TYPES, dtype=object)
    months = np.arange(np.datetime64(START, "M"), np.datetime64(START + DAYS, "M"))
    first = (months.astype("M8[D]") - START).astype(int)
    changed = people["changes"].to_numpy()[:, None] <= first[None]
    types = np.where(changed, people["type_later"].to_numpy()[:, None], people["type"].to_numpy()[:, None])
    return pd.DataFrame(
        {
            "customer_id": np.repeat(people["customer_id"].to_numpy(), len(months)),
            "month": np.tile(np.datetime_as_string(months), len(people)),
            "type": names[types.ravel()],
        }
    )


def _planted(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    park = chunk.machines[mine[chunk.machines["who"]]]
    batch = park[posterior.in_bad_batch(park)]
    bug = park[park["machine_model"].str.startswith(BUG_FAMILY)]
    bug = bug[(bug["installed"] < BUG_TO) & (bug["retired"] > BUG_FROM)]
    windows = (
        ("batch", batch, *(batch["installed"] + int(age * YEAR) for age in BATCH_AGE)),
        ("bug", bug, pd.Series(BUG_FROM, bug.index), pd.Series(BUG_TO, bug.index)),
    )
    return pd.concat(
        pd.DataFrame(
            {
                "planted": kind,
                "serial_no": machines["serial_no"],
                "from": START + first.to_numpy().astype("m8[D]"),
                "to": START + last.to_numpy().astype("m8[D]"),
            }
        )
        for kind, machines, first, last in windows
    )
