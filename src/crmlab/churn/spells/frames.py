"""Frames as inputs of SQL steps."""

from __future__ import annotations

from itertools import count

import pandas as pd
import pyarrow as pa

from crmlab.engine import DuckDB, Relation, Spark

_NUMBER = count(1)


def held(engine: DuckDB | Spark, frame: pd.DataFrame) -> Relation:
    """`frame` as a relation that `engine` holds as long as it lives; missing values become NULL."""
    name = f"frame_{next(_NUMBER)}"
    engine.connection.register(name, pa.Table.from_pandas(frame, preserve_index=False))
    return engine.adopt(name)
