"""Notebooks in kernels that are forks of one warm process, and what becomes of them when something is killed."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest

from crmlab.files import CrmlabError
from crmlab.report import warm
from crmlab.report.notebook import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each kernel is started by itself")


def written(path: Path, *cells: str) -> Path:
    """A notebook of these cells behind one of parameters."""
    parameters = nbformat.v4.new_code_cell("root = 0", metadata={"tags": ["parameters"]})
    cells = [parameters, *map(nbformat.v4.new_code_cell, cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture
def notebook(tmp_path):
    """Run a notebook of these cells: what its last cell says."""

    def ran(*cells: str) -> str:
        path = written(tmp_path / "some.ipynb", *cells)
        return run(path, tmp_path / "executed.ipynb", {"root": 1}).cells[-1].outputs[0].text.strip()

    return ran


def test_each_notebook_has_a_fresh_kernel_with_everything_imported(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("SAID", "here")
    assert (
        notebook(
            "import os, sys; found = 1; import crmlab; crmlab.found = 1; print(*('seaborn' in sys.modules, os.environ['SAID'], os.getcwd()))"
        )
        == f"True here {tmp_path}"
    )
    parents = {notebook("import os; print(os.getppid())") for _ in range(2)}
    assert parents == {str(warm.warm_process().pid)}
    assert notebook("import crmlab; print('found' in globals(), hasattr(crmlab, 'found'))") == "False False"


def test_what_kernels_spend_counts_as_the_warm_process_s_own(notebook):
    before = spent_by_children(warm.warm_process().pid)
    notebook("import time\nwhile time.process_time() < 1.5: pass\nprint(1)")
    until = time.monotonic() + 10
    while spent_by_children(warm.warm_process().pid) - before < 1:
        assert time.monotonic() < until
        time.sleep(0.05)


def spent_by_children(pid: int) -> float:
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()  # noqa: SIM115, PTH123
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def test_a_kernel_that_is_killed_is_one_line(notebook):
    with pytest.raises(
        CrmlabError, match=r"some\.ipynb: its kernel was killed, by hand or for want of memory"
    ):
        notebook("import os; os.kill(os.getpid(), 9)")


def test_with_the_process_that_asked_for_them_kernels_end(tmp_path):
    written(
        tmp_path / "long.ipynb", "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    )
    asked = f"from pathlib import Path; from crmlab.report.notebook import run; p = Path({str(tmp_path)!r}); run(p / 'long.ipynb', p / 'x.ipynb', {{'root': 1}})"
    asking = subprocess.Popen([sys.executable, "-c", asked])
    noted, until = tmp_path / "pid", time.monotonic() + 60
    while not (noted.exists() and noted.read_text()):
        assert time.monotonic() < until
        time.sleep(0.05)
    asking.kill()
    asking.wait()
    kernel = warm.Child(int(noted.read_text()))
    while kernel.poll() is None:
        assert time.monotonic() < until, "the kernel lives on"
        time.sleep(0.05)


def test_two_that_ask_at_once_have_one_warm_process_and_another_when_it_was_killed(notebook):
    killed = warm.warm_process()
    os.kill(killed.pid, signal.SIGKILL)
    while not killed.is_over:
        time.sleep(0.05)
    with ThreadPoolExecutor(4) as pool:
        asked = {pool.submit(warm.warm_process) for _ in range(8)}
    assert len({one.result().pid for one in asked}) == 1
    assert notebook("print(1)") == "1"


def test_a_child_that_nobody_buries_is_over(tmp_path):
    """As where the warm process was killed and the first process of a container buries nobody."""
    unburied = (
        "import subprocess, sys, time; print(subprocess.Popen(['true']).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", unburied], stdout=subprocess.PIPE, text=True)
    child = warm.Child(int(parent.stdout.readline()))
    child.wait()
    assert is_zombie(child.pid)
    parent.kill()
    parent.communicate()


def is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
