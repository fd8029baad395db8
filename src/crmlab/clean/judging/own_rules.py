"""A company's own rules: data/raw/<company>/rules.py, functions named for tables that run on the clean rows.

    def tickets(df):
        df.loc[df["branch"] == "杭洲", "branch"] = "杭州"
        return df[df["symptom"] != "测试"]

A function gets the clean rows of its table as `crmlab.load` gives them, money in whole units of the currency, and returns them. It may leave
rows out, change cells and add columns named x_…; it may not add rows, nor change what names one.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from crmlab.clean import parquet
from crmlab.clean.judging.judge import Judged, Ruled
from crmlab.clean.judging.typed import SQL_TYPES
from crmlab.clean.people.scrub import unmarked
from crmlab.clean.reading.ingest import quoted
from crmlab.clean.write import clean_inputs, clean_sql
from crmlab.engine import DuckDB, Relation
from crmlab.files import CrmlabError
from crmlab.schemas import CENTS, LOADED, first_failure, in_whole_units, said, schema
from crmlab.tables import CLEAN, CONTRACT, Column, Table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FILE = "rules.py"
LEFT_OUT, CHANGED, ADDED = "rows left out", "cells changed", "column added"
"""What a rule can do (outputs.OWN_RULES)."""
_COUNTED = "n_causes"
"""Counted from what a rule makes of cause_actual, whatever the rule says."""
_MOST = 9e16
"""Whole units of money beyond which 64 bits do not reach."""


@dataclass(frozen=True)
class Rule:
    """The function of rules.py for one table."""

    table: Table
    function: Callable[[pd.DataFrame], pd.DataFrame]

    def error(self, what: str, line: int | None = None) -> CrmlabError:
        """`what`, after file, line (that of the function if no other is known) and table."""
        return CrmlabError(f"{FILE} line {line or _first_line(self.function)}, {self.table.name}: {what}")


def load_rules(folder: Path) -> list[Rule]:
    """The rules of the company in `folder`; none where it has no rules.py.

    Raises
    ------
    CrmlabError : rules.py does not run (with its line), or a function is named for no table (with the nearest).
    """
    path = folder / FILE
    if not path.is_file():
        return []
    module = ModuleType("crmlab_rules")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where a dataclass looks for its module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except SyntaxError as error:
        raise CrmlabError(f"{FILE} line {error.lineno}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise CrmlabError(f"{FILE} line {_line(error, path)}: {_raised(error)}") from None
    own = {n: f for n, f in vars(module).items() if isinstance(f, FunctionType) and not n.startswith("_")}
    own = {n: f for n, f in own.items() if f.__module__ == module.__name__}  # not those it imports
    for name in (n for n in own if n not in CONTRACT):
        near = get_close_matches(name, CONTRACT, n=1, cutoff=0)[0]
        raise CrmlabError(
            f"{FILE} line {_first_line(own[name])}: no table is called {name!r}; the nearest is {near!r}. "
            "A function that is no rule starts with an underscore"
        )
    return [Rule(CLEAN[name], own[name]) for name in CONTRACT if name in own]


def apply(
    engine: DuckDB, folder: Path, rules: list[Rule], judged: Mapping[str, Judged], as_of: date
) -> list[dict]:
    """Apply `rules` to the clean rows, and note the outcome in `judged`; what each rule did, as rows of outputs.OWN_RULES.

    A row that a rule leaves out is filtered, with the rule as its reason. A rule for a table that is not exported has nothing to do.

    Parameters
    ----------
    as_of : the day of the run, known before any rule; no rule may date a row later.

    Raises
    ------
    CrmlabError : a rule fails, or returns what the contract does not allow: with line, table, column, value and what was expected.
    """
    found = [
        _apply(engine, folder / FILE, rule, judged[rule.table.name], as_of)
        for rule in rules
        if rule.table.name in judged
    ]
    return [row for rows in found for row in rows]


def _apply(engine: DuckDB, path: Path, rule: Rule, judged: Judged, as_of: date) -> list[dict]:
    """One rule on one table.

    `stored`, `given` and `after` have one row per clean row, at its place: as it lies in the file, as the rule got it, and as the rule
    returned it (`kept` where it did).
    """
    import pandas as pd

    table, old_extra = rule.table, judged.extra_columns
    target = parquet.schema(table, old_extra)
    rows = engine.stream(clean_sql(judged, exported=True), clean_inputs(engine, judged)).read_all()
    stored = rows.select(target.names).cast(target).to_pandas()
    given = in_whole_units(stored, table)
    try:
        returned = rule.function(given.copy())
    except (Exception, SystemExit) as error:
        raise rule.error(_raised(error), _line(error, path)) from None
    after = _returned(rule, returned)
    places = _places(rule, given, after)
    after = after.set_axis(places).reindex(range(len(given)))
    kept = pd.Series(False, index=after.index)
    kept[places] = True
    _refuse_later(rule, given, after, as_of)
    after = _follow(given, after, kept)

    own = pd.DataFrame({"_row": rows["_row"].to_pandas()})
    done = []
    for column in (c for c in table.kept if c.name != _COUNTED):
        changed = kept & ~_same(given[column.name], after[column.name])
        if changed.any():
            new = _smallest(after[column.name]) if column.kind == "money" else after[column.name]
            own[column.name] = new.where(changed, stored[column.name])
            done.append((CHANGED, column.name, int(changed.sum())))
    extra = [c for c in after if c.startswith("x_")]
    own = own.assign(**{c: after[c] for c in extra})
    done += [(ADDED, c, int(after[c].notna().sum())) for c in extra if c not in old_extra]
    if not kept.all():
        done.append((LEFT_OUT, "-", int((~kept).sum())))
        _leave_out(engine, judged, own.loc[~kept, ["_row"]])
    judged.ruled = _ruled(engine, judged, own[kept], extra)
    return [{"table": table.name, "change": change, "column": c, "n": n} for change, c, n in sorted(done)]


def _returned(rule: Rule, returned: object) -> pd.DataFrame:
    """What a rule returned in the types of `crmlab.load`, columns of the contract first."""
    import pandas as pd

    if not isinstance(returned, pd.DataFrame):
        raise rule.error(
            f"returned {type(returned).__name__}; expected the DataFrame: end it with `return df`"
        )
    names = [c.name for c in rule.table.kept]
    spelt: dict[str, str] = {}
    for name in map(str, returned.columns):
        if same := spelt.get(name.lower()):
            raise rule.error(
                f"column {name} occurs twice in what it returned; expected each once"
                if same == name
                else f"columns {same} and {name} differ in case only; expected different names"
            )
        spelt[name.lower()] = name
    for missing in (c for c in names if c not in returned):
        raise rule.error(
            f"column {missing} is not in what it returned; expected every column of the contract"
        )
    for name in (c for c in returned if c not in names):
        if not re.fullmatch(r"x_\w+", str(name)):
            raise rule.error(f"column {name} is not in the contract; call a column of your own x_{name}")
    extra = [c for c in returned if c not in names]
    typed = {c.name: _typed(rule, c, returned[c.name]) for c in rule.table.kept}
    typed |= {c: _typed(rule, Column(c, "text", ""), returned[c]) for c in extra}
    after = pd.DataFrame(typed).reset_index(drop=True)
    if failure := first_failure(after, schema(rule.table), rule.table):
        row = "" if failure.row is None else f" ({_named(rule.table, after, failure.row)})"
        raise rule.error(f"column {failure.column}{row}: {said(failure)}")
    return after


def _typed(rule: Rule, column: Column, cells: pd.Series) -> pd.Series:
    """`cells` in the type of `column`; text that is empty is missing."""
    import numpy as np
    import pandas as pd

    kind = LOADED.get(column.kind, "string")
    if cells.dtype == object:
        held = cells[[isinstance(c, (list, tuple, dict, set)) or np.ndim(c) > 0 for c in cells]]
        if len(held):
            raise rule.error(
                f"column {column.name}: {str(held.iloc[0])[:40]!r} is a {type(held.iloc[0]).__name__}; expected one value per cell"
            )
    try:
        typed = cells.astype(kind)
    except (TypeError, ValueError, ArithmeticError):
        for value in cells.dropna().unique():
            try:
                pd.Series([value]).astype(kind)
            except (TypeError, ValueError, ArithmeticError):
                raise rule.error(
                    f"column {column.name}: {value!r} is no {column.kind}; expected {kind}"
                ) from None
        raise rule.error(f"column {column.name}: {cells.dtype} cannot become {kind}") from None
    if column.kind == "date":
        return typed.dt.normalize()
    if column.kind == "money" and (typed.abs() > _MOST).any():
        raise rule.error(
            f"column {column.name}: {typed.abs().max()} is no amount; expected at most {_MOST:.0e}"
        )
    return typed.replace("", pd.NA) if kind == "string" else typed


def _places(rule: Rule, given: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    """The place in `given` of each returned row, by its key."""
    import pandas as pd

    key = list(rule.table.key)
    places = pd.MultiIndex.from_frame(given[key]).get_indexer(pd.MultiIndex.from_frame(after[key]))
    if (places < 0).any():
        new = int((places < 0).argmax())
        raise rule.error(
            f"{_named(rule.table, after, new)} is not among the rows it got; a rule leaves rows out or changes them, "
            "but adds none and keeps their key"
        )
    return places


def _refuse_later(rule: Rule, given: pd.DataFrame, after: pd.DataFrame, as_of: date) -> None:
    """Raise CrmlabError where the rule moved the day of a row past the day that the run is about."""
    import pandas as pd

    day = rule.table.dated
    if not day:
        return
    later = (after[day] >= pd.Timestamp(as_of) + pd.Timedelta(days=1)) & ~_same(given[day], after[day])
    if later.any():
        row = int(later.to_numpy().argmax())
        raise rule.error(
            f"column {day} ({_named(rule.table, after, row)}): {after[day].iloc[row]} is after the as-of day {as_of}; "
            "mend the dates in the export, for the day of the run is told before any rule"
        )


def _follow(given: pd.DataFrame, after: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    """What `clean` derives from a cell follows it, unless the rule has changed that as well."""
    if "machine_family" in after:
        other = kept & ~_same(given["machine_model"], after["machine_model"])
        other &= _same(given["machine_family"], after["machine_family"])
        after.loc[other, "machine_family"] = after["machine_model"].str[:4]
    if "is_open" in after:
        closed = kept & given["closed_at"].isna() & after["closed_at"].notna()
        after.loc[closed, "is_open"] = False
    return after


def _same(a: pd.Series, b: pd.Series) -> pd.Series:
    return (a == b).fillna(False).astype(bool) | (a.isna() & b.isna())


def _smallest(money: pd.Series) -> pd.Series:
    return (money * CENTS).round().astype("Int64")


def _leave_out(engine: DuckDB, judged: Judged, rows: pd.DataFrame) -> None:
    inputs = {"rejected": judged.rejected, "dropped": _hold(engine, f"dropped_{judged.table.name}", rows)}
    sql = """
        select r._row, r.fate, r.why from rejected r
        union all
        select d._row, 'filtered' as fate, ($why)::varchar as why from dropped d
    """
    judged.rejected = engine.run(sql, inputs, {"why": f"{FILE}: {judged.table.name}"})
    judged.fates["filtered"] += len(rows)


def _ruled(engine: DuckDB, judged: Judged, own: pd.DataFrame, extra: list[str]) -> Ruled:
    held = _hold(engine, f"own_{judged.table.name}", own)
    cells = []
    for column in (c for c in CLEAN[judged.table.name].kept if c.name != _COUNTED):
        cell = f"j.{column.name}"
        if column.name in own:
            new = f"o.{column.name}::{SQL_TYPES.get(column.kind, 'varchar')}"
            new = unmarked(column, new)
            cell = f"case when o._row is not null then {new} else {cell} end"
        cells.append(f"{cell} as {column.name}")
    sql = f"select j._row, {', '.join(cells)} from judged j left join own o on o._row = j._row"
    rows = engine.run(sql, {"judged": judged.rows, "own": held})
    listed = "".join(f", o.{quoted(c)}" for c in extra)
    return Ruled(rows, engine.run(f"select o._row{listed} from own o", {"own": held}), extra)


def _hold(engine: DuckDB, name: str, frame: pd.DataFrame) -> Relation:
    """A frame as a relation; larger than what `engine.make` is for."""
    import pyarrow as pa

    engine.connection.register("held", pa.Table.from_pandas(frame, preserve_index=False))
    engine.connection.execute(f"create or replace temp table {name} as select * from held")
    engine.connection.unregister("held")
    return engine.adopt(name)


def _named(table: Table, frame: pd.DataFrame, row: int) -> str:
    return ", ".join(f"{k} {frame[k].iloc[row]}" for k in table.key)


def _first_line(function: FunctionType) -> int:
    return function.__code__.co_firstlineno


def _line(error: BaseException, path: Path) -> int | None:
    """The last line of rules.py that the error went through."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return lines[-1] if lines else None


def _raised(error: BaseException) -> str:
    told = str(error).strip().splitlines()
    return f"{type(error).__name__}: {told[0]}" if told else type(error).__name__
