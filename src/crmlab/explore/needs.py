"""What a notebook needs of the company's data, and a kind end where that is not there."""

from __future__ import annotations

import ast
from typing import Any

from crmlab.explore.tables import load
from crmlab.files import CrmlabError, Project


class MissingData(CrmlabError):
    """A script needs data that this company does not export; a notebook is told and ends (`needs`).

    Examples
    --------
    >>> try:
    ...     stop_unless(False, "There are no contracts.")
    ... except MissingData as error:
    ...     print(error)
    There are no contracts.
    """


def needs(*names: str, adds: str, project: Project | None = None) -> None:
    """Say in one sentence what of `names` this company lacks and what it would add; the rest of the notebook then stays silent.

    Silent means: cells after this one run and do nothing, so that Jupyter, papermill and nbconvert end well and without a
    traceback. Once the data are there, the same call in the same kernel lets them run again. Outside a notebook there is
    nothing to keep silent, and the sentence is raised.

    Parameters
    ----------
    names : tables as of `load`, or "<table>.<column>"; a table is missing without rows, a column without a value.
    adds : what they would add, as the end of "they would let you …".

    Raises
    ------
    MissingData : outside IPython, where something is missing. CrmlabError : no such table or column, or `make` has not run.

    Examples
    --------
    >>> import crmlab
    >>> crmlab.needs("contracts", "contracts.outcome", adds="fit a model of who renews")  # doctest: +SKIP
    """
    missing = [name for name in names if _is_missing(name, project)]
    # of a table that is missing its columns need not be named
    missing = [name for name in missing if name.rpartition(".")[0] not in missing]
    them = "it" if len(missing) == 1 else "them"
    _speak()
    stop_unless(
        not missing,
        f"This company's exports lack {_listed(missing)}; with {them} you could {adds}. "
        "docs/bring-your-own-data.md shows how to add an export.",
    )


def stop_unless(enough: bool, sentence: str) -> None:
    """End a notebook kindly, as `needs` does, where there is not `enough` to go on with; `sentence` says what would be.

    Raises
    ------
    MissingData : outside IPython, where there is not enough.

    Examples
    --------
    >>> stop_unless(1_000 > 500, "This lesson learns from 500 contracts that have ended.")
    >>> stop_unless(20 > 500, "This lesson learns from 500 contracts that have ended; here are 20.")
    Traceback (most recent call last):
    crmlab.explore.needs.MissingData: This lesson learns from 500 contracts that have ended; here are 20.
    """
    if enough:
        return
    shell = _shell()
    if shell is None:
        raise MissingData(sentence)
    print(sentence, "The cells below stay silent until `needs` is asked again.")
    shell.ast_transformers.append(_Silence())


def _speak() -> None:
    """Let cells run again that were silenced."""
    if (shell := _shell()) is not None:
        shell.ast_transformers[:] = [t for t in shell.ast_transformers if not isinstance(t, _Silence)]


class _Silence(ast.NodeTransformer):
    """Empties every cell that does not ask again what it needs."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        asks = any(
            isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "needs"
            for call in ast.walk(node)
        )
        return node if asks else ast.Module(body=[], type_ignores=[])


def _is_missing(name: str, project: Project | None) -> bool:
    table, _, column = name.partition(".")
    frame = load(table, project)
    if not column:
        return frame.empty
    if column not in frame:
        raise CrmlabError(f"{name}: table {table!r} has no such column; it has {', '.join(frame)}")
    return bool(frame[column].isna().all())


def _listed(names: list[str]) -> str:
    """Names as a sentence has them.

    >>> _listed(["contracts", "visits", "quotes"])
    '`contracts`, `visits` and `quotes`'
    """
    quoted = [f"`{name}`" for name in names] or [""]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def _shell() -> Any:
    """IPython's shell around this code; None in a script."""
    import sys

    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
