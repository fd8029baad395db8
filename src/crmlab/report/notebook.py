"""Run one parameterised notebook by papermill, and say in one line what went wrong."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab.files import CrmlabError

if TYPE_CHECKING:
    from nbformat import NotebookNode


def check_parameters(path: Path, parameters: dict[str, Any]) -> None:
    """Raise CrmlabError unless the cell tagged *parameters* of the notebook at `path` sets exactly `parameters`.

    papermill only warns about a parameter that a notebook does not know, and the notebook then shows its default.
    """
    from papermill import inspect_notebook

    known, given = set(inspect_notebook(str(path))), set(parameters)
    if known == given:
        return
    wrong = [f"{name} is unknown to the pipeline" for name in sorted(known - given)]
    wrong += [f"{name} is missing" for name in sorted(given - known)]
    raise CrmlabError(
        f"{_named(path)}, cell tagged parameters: {', '.join(wrong)}; "
        f"it sets one per line: {', '.join(sorted(given))}"
    )


def run(path: Path, executed: Path, parameters: dict[str, Any]) -> NotebookNode:
    """Run the notebook at `path` with `parameters`, keep the executed copy at `executed` and return it.

    Raises
    ------
    CrmlabError : unknown or missing parameters, a cell failed, or the kernel died: one line with notebook, cell, error and copy.
    """
    from nbclient.exceptions import DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from crmlab.report.kernel import Kernel

    check_parameters(path, parameters)
    executed.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        return execute_notebook(
            str(path),
            str(executed),
            parameters,
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=Kernel,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(path.parent)}},
        )
    except PapermillExecutionError as error:
        raise CrmlabError(_one_line(path, executed, error)) from None
    except DeadKernelError:
        raise CrmlabError(f"{_named(path)}: its kernel was killed, by hand or for want of memory") from None
    except (CrmlabError, RuntimeError) as error:  # nbclient's, where a kernel dies before its first word
        raise CrmlabError(f"{_named(path)}: no kernel could be started: {error}") from None


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _one_line(path: Path, executed: Path, error: Any) -> str:
    from nbformat import read

    failed = next(
        cell.id
        for cell in read(executed, as_version=4).cells
        if cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs)
    )
    said = f"{error.ename}: {error.evalue}".splitlines()[0]
    return f"{_named(path)}, cell {failed!r}: {said} (executed copy: {executed})"
