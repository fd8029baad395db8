"""Cells of a typed file (Parquet) as the text that a CSV of it would hold."""

from __future__ import annotations

from collections.abc import Mapping


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def as_text(cells: Mapping[str, tuple[str, str]], zone: str, decimal: str = ".") -> dict[str, str]:
    """Each expression as text: moments as ISO in a time zone, whole floating numbers without decimals.

    Parameters
    ----------
    cells : column → the expression and its type as DuckDB describes it.
    zone : an SQL expression of the time zone's name.
    decimal : the point of a number, as mapping.yaml says that the table's are written.
    """
    text = {}
    for column, (x, kind) in cells.items():
        if kind in ("DOUBLE", "FLOAT"):
            text[column] = (
                f"case when isnan({x}) then null when {x} = trunc({x}) and abs({x}) < 1e18 then {x}::bigint::varchar "
                f"when abs({x}) < 1e-4 then {x}::decimal(38, 12)::varchar else {x}::varchar end"
            )
        elif kind == "TIMESTAMP WITH TIME ZONE":
            text[column] = f"timezone({zone}, {x})::varchar"
        else:
            text[column] = f"{x}::varchar"
        if decimal != "." and kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
            text[column] = f"replace({text[column]}, '.', '{decimal}')"
    return text
