# SPDX-License-Identifier: MIT
"""The same kernel with one line changed: the classes it boots come from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and the kernel's own loop stay as they are."""

import asyncio

import main
from core import kernel
from registryclient.hosts import microcoreos

kernel.discover_plugins = microcoreos.discover_plugins

if __name__ == "__main__":
    asyncio.run(main.show())
