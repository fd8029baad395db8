"""The kernel of a page: this interpreter, whatever kernels the user has installed."""

from __future__ import annotations

import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class Kernel(AsyncKernelManager):
    """ipykernel under the running interpreter, its sockets encrypted (ipykernel 7 warns about bare TCP)."""

    transport_encryption = "required"

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
            metadata={"supported_encryption": ["curve"]},
        )
