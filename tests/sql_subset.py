"""The SQL that means the same on DuckDB and on Spark: what is verified, and what is known to differ.

sqlglot passes unknown functions through, so only lists of what is allowed can refuse anything.
"""

import re

import sqlglot
from sqlglot import exp

CLAUSES = {
    *(
        "Select",
        "From",
        "Where",
        "Group",
        "Having",
        "Order",
        "Ordered",
        "Limit",
        "Qualify",
        "Distinct",
        "Filter",
    ),
    *(
        "With",
        "CTE",
        "Subquery",
        "Union",
        "Except",
        "Join",
        "Lateral",
        "Table",
        "TableAlias",
        "Star",
        "Rollup",
    ),
    *("Window", "WindowSpec", "IgnoreNulls", "Identifier", "Column", "Alias", "Paren", "Tuple", "Var"),
    *(
        "Literal",
        "Null",
        "Boolean",
        "Placeholder",
        "Parameter",
        "DataType",
        "DataTypeParam",
        "Interval",
        "Tuple",
    ),
    *("Is", "Not", "EQ", "NEQ", "GT", "GTE", "LT", "LTE", "In", "Between", "Exists"),
    *("Add", "Sub", "Mul", "Div", "IntDiv", "Mod", "Neg", "DPipe", "Unnest", "Lambda"),
}
FUNCTIONS = {
    *("If", "Case", "And", "Or", "Coalesce", "Nullif", "Cast", "TryCast"),
    *(
        "Replace",
        "Concat",
        "ConcatWs",
        "Pad",
        "Left",
        "Right",
        "Contains",
        "StartsWith",
        "SplitPart",
        "Translate",
    ),
    *("Lower", "Upper", "RegexpLike", "RegexpReplace", "RegexpExtract", "Split", "Length"),
    *("Greatest", "Least", "Abs", "Floor", "Round", "Sqrt"),
    *("Year", "Month", "LastDay", "DateFromParts", "DateDiff", "TimestampTrunc", "DateTrunc"),
    *(
        "Count",
        "Sum",
        "Min",
        "Max",
        "Avg",
        "LogicalOr",
        "LogicalAnd",
        "ArgMax",
        "ArgMin",
        "Median",
        "GroupConcat",
    ),
    *("RowNumber", "Lag", "Lead", "FirstValue", "Rank"),
    *("Transform", "SortArray", "ArraySize", "Explode", "Array", "RegexpExtractAll", "ArrayToString"),
}
PATTERNS = {
    r"(?<!\\)\$(?![^\[]*\])": r"$ also matches before a last line feed on Spark: write \z",
    r"\\b": r"\b differs",
    r"\\[1-9]": "back-references differ",
    r"\[\[:": "POSIX classes differ",
    r"\(\?[=!<]": "look-around is not in both",
}


def refused(sql: str) -> list[str]:
    """What in a statement is not verified to mean the same on both engines."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return [said for node in tree.walk() for said in _of(node)]


def _of(node: exp.Expression) -> list[str]:
    kind = type(node).__name__
    said = []
    if isinstance(node, exp.Anonymous):
        said.append(f"function {node.name}")
    elif isinstance(node, exp.Func) and kind not in FUNCTIONS:
        said.append(f"function {kind}")
    elif not isinstance(node, exp.Func) and kind not in CLAUSES:
        said.append(f"clause {kind}")
    if isinstance(node, (exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract, exp.RegexpExtractAll)):
        pattern = node.expression
        if isinstance(pattern, exp.Literal):
            said += [f"{pattern.name!r}: {why}" for p, why in PATTERNS.items() if re.search(p, pattern.name)]
    if isinstance(node, exp.RegexpReplace) and "g" not in str(node.args.get("modifiers") or ""):
        said.append("regexp_replace without 'g' replaces the first match only, on one of them")
    if isinstance(node, exp.RegexpExtractAll) and node.text("group") != "1":
        said.append("regexp_extract_all without group 1 takes the whole match, on one of them")
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() != "DAY":
        said.append(f"date_diff by {node.text('unit')} counts boundaries or full units")
    if isinstance(node, exp.Identifier) and not node.quoted and not node.name.isascii():
        said.append(f"{node.name} without quotes")
    if isinstance(node, exp.Star) and any(node.args.get(k) for k in ("replace", "except_", "rename")):
        said.append("* with exclude, replace or rename")
    if isinstance(node, exp.Join) and node.method.upper() == "ASOF":
        said.append("asof join")
    if isinstance(node, exp.WindowSpec) and (
        node.text("kind").upper() == "GROUPS" or node.args.get("exclude")
    ):
        said.append("window frame by groups, or with exclude")
    if isinstance(node, exp.Window) and node.this.find(exp.Distinct):
        said.append("distinct over a window")
    return said
