"""Any processed table as a DataFrame, what its columns mean, and what must hold in it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.files import CrmlabError, Project, read_table
from crmlab.schemas import in_whole_units
from crmlab.tables import CLEAN, Table

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

STAGES = ("clean", "faults", "service", "purchases", "churn", "value", "segments")


def described() -> dict[str, Table]:
    """Every table that the pipeline writes, as "<stage>/<table>".

    >>> described()["clean/tickets"].key
    ('ticket_id',)
    """
    known = {f"clean/{name}": table for name, table in CLEAN.items()}
    for stage in STAGES:
        outputs = import_module(f"crmlab.{stage}.outputs").OUTPUTS
        known.update({f"{stage}/{name}": table for name, table in outputs.items()})
    return known


def _find(name: str) -> tuple[str, Table]:
    known = described()
    full = name if "/" in name else f"clean/{name}"
    if full not in known:
        from difflib import get_close_matches

        if name in STAGES:
            own = ", ".join(sorted(table for table in known if table.startswith(f"{name}/")))
            raise CrmlabError(f"{name!r} is a stage; its tables: {own}")
        near = get_close_matches(full, known, n=1, cutoff=0)[0]
        raise CrmlabError(
            f"no table called {name!r}; the nearest is {near!r}. All: {', '.join(sorted(known))}"
        )
    return full, known[full]


def load(name: str, project: Project | None = None) -> pd.DataFrame:
    """A processed table as a DataFrame, money in whole currency units (元, not 分).

    Parameters
    ----------
    name : a table of `clean` ("tickets", "sales", …) or "<stage>/<table>" ("faults/predictions").
    project : the checkout; default the one around the current folder.

    Returns
    -------
    One row per key of the table. `frame.attrs["columns"]` maps each column to its meaning; `explain(name)` shows it.

    Raises
    ------
    CrmlabError : no such table (names the nearest), or the pipeline has not written it yet.

    Examples
    --------
    >>> import crmlab
    >>> crmlab.load("tickets").groupby("machine_family").size()  # doctest: +SKIP
    """
    table = _find(name)[1]
    frame = in_whole_units(read_table(path_of(name, project)), table)
    unknown = {c: "of the export, unknown to the contract" for c in frame if c.startswith("x_")}
    frame.attrs["columns"] = {c.name: c.meaning for c in table.kept} | unknown
    return frame


def path_of(name: str, project: Project | None = None) -> Path:
    """The Parquet file of a processed table, for DuckDB, Spark or whatever else reads one: money in the smallest unit.

    Parameters and errors as of `load`.

    Examples
    --------
    >>> import duckdb, crmlab
    >>> duckdb.sql(f"select count(*) from '{crmlab.path_of('tickets')}'")  # doctest: +SKIP
    """
    path = (project or Project.here()).processed("") / f"{_find(name)[0]}.parquet"
    if not path.is_file():
        raise CrmlabError(
            f"{path} is not there: run `make` first; if it ran and failed, logs/alert.txt says why"
        )
    return path


def explain(name: str) -> pd.DataFrame:
    """The columns of a processed table: kind, unit, meaning, and (for tickets) when they are known.

    Examples
    --------
    >>> explain("tickets").loc["symptom", "meaning"]
    'what the customer says is wrong'
    """
    import pandas as pd

    _, table = _find(name)
    rows = [(c.name, c.kind, c.unit, c.available_at, c.meaning) for c in table.kept]
    return pd.DataFrame(rows, columns=["column", "kind", "unit", "known_at", "meaning"]).set_index("column")


def schema(name: str) -> pa.DataFrameSchema:
    """What must hold in a processed table, for a frame as `load` gives it: types, cells never empty, choices, order of dates, key.

    `schema("tickets").validate(frame)` gives the frame back, or raises pandera.errors.SchemaError at the first thing that does not
    hold; with `lazy=True` it gathers all of them. Columns that the contract does not name are not looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> causes = pd.DataFrame({"ticket_id": ["T1", "T1"], "cause_no": [1, 2], "cause": ["主板损坏", "内存损坏"]})
    >>> causes = causes.astype({"ticket_id": "string", "cause_no": "Int64", "cause": "string"})
    >>> len(schema("ticket_causes").validate(causes))
    2
    >>> schema("ticket_causes").validate(causes.assign(cause_no=1))
    Traceback (most recent call last):
    pandera.errors.SchemaError: columns '('ticket_id', 'cause_no')' not unique:
    ...
    """
    from crmlab import schemas

    return schemas.schema(_find(name)[1])
