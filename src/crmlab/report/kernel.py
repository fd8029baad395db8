"""The kernel of a page: this interpreter, whatever kernels the user has installed."""

from __future__ import annotations

import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from crmlab.report.warm import Forked

_SOCKETS = tempfile.TemporaryDirectory(prefix="crmlab-")
_NUMBERS = count(1)


class Kernel(AsyncKernelManager):
    """ipykernel under the running interpreter, talking over sockets in a private folder.

    Ports are chosen before they are bound, so that two kernels started at once can pick the same one; files cannot
    clash. They are also out of reach of other users, which is why ipykernel 7 warns about bare TCP.
    """

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self.transport = "ipc"
        self.ip = str(Path(_SOCKETS.name) / str(next(_NUMBERS)))
        if sys.platform == "linux":  # elsewhere a fork of a process with frameworks loaded may crash
            self.provisioner = Forked(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started; frozen modules only make the debugger warn."""
        return KernelSpec(
            argv=[
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
            ],
            display_name="crmlab",
            language="python",
        )
