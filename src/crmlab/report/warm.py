"""Kernels that start with everything imported: one process imports what pages need, and each kernel is a fork of it.

A kernel of its own spends more on importing pandas and matplotlib than most pages spend on their cells.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, NoReturn

from jupyter_client.provisioning import LocalProvisioner

from crmlab.files import CrmlabError


class Forked(LocalProvisioner):
    """Starts a kernel as a fork of the warm process instead of running its command."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> dict[str, Any]:
        """Have the kernel forked that `cmd` would start."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = settings["cwd"]
        self.process = Child(warm_process().fork(arguments, settings["cwd"], settings["env"]))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Child:
    """A process that another one started, in the words of `subprocess.Popen`. How it ended is not known."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        import psutil

        self.pid = pid
        try:
            self._process = psutil.Process(pid)
        except psutil.NoSuchProcess:
            self._process = None

    def poll(self) -> int | None:
        """None while it lives; a zombie, whose parent has died and was to bury it, does not."""
        import psutil

        try:
            alive = self._process and self._process.is_running()
            return None if alive and self._process.status() != psutil.STATUS_ZOMBIE else 0
        except psutil.NoSuchProcess:
            return 0

    def wait(self) -> int:
        """Until it is over."""
        while self.poll() is None:
            time.sleep(0.02)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


class WarmProcess:
    """The process that forks. It ends with this one, however that ends, and its kernels end with it."""

    def __init__(self) -> None:
        self._one_at_a_time = Lock()
        # numpy's and Arrow's libraries have threads, and know what to do in a fork; Python cannot tell and warns
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-Xfrozen_modules=off",
                "-Wignore::DeprecationWarning:__main__",
                "-m",
                __name__,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._process.communicate)

    def fork(self, arguments: list[str], folder: str, environment: Mapping[str, str]) -> int:
        """Start a kernel with these arguments in `folder`; its process id."""
        order = json.dumps([arguments, folder, dict(environment)])
        with self._one_at_a_time:
            with suppress(BrokenPipeError):
                print(order, file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        if not answer:
            raise CrmlabError("the process that starts kernels was killed; run again")
        return int(answer)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None


_one: list[WarmProcess] = []
_starting = Lock()


def warm_process() -> WarmProcess:
    """The one of this process; another where it was killed."""
    with _starting:
        if not _one or _one[0].is_over:
            _one[:] = [WarmProcess()]
        return _one[0]


def _serve() -> None:
    """Fork a kernel for every line of standard input, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked; with that one this ends
    _import_what_pages_need()
    gc.freeze()  # what is imported stays shared: no kernel's collector touches it
    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin:
        arguments, folder, environment = json.loads(line)
        pid = os.fork()
        if not pid:
            _become_kernel(arguments, folder, environment)
        print(pid, flush=True)


def _bury(*_: object) -> None:
    """Take note of kernels that are over, so that their processor time counts as this process's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _import_what_pages_need() -> None:
    import importlib
    import pkgutil

    import ipykernel.kernelapp  # noqa: F401
    import matplotlib.backends.backend_svg  # noqa: F401
    import seaborn  # noqa: F401

    from crmlab.report import findings

    for module in pkgutil.iter_modules(findings.__path__, f"{findings.__name__}."):
        importlib.import_module(module.name)


def _become_kernel(arguments: list[str], folder: str, environment: Mapping[str, str]) -> NoReturn:
    from ipykernel.kernelapp import IPKernelApp

    try:
        os.setsid()  # a signal to the kernel's group is for the kernel alone
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # the pipe is for process ids
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    _serve()
