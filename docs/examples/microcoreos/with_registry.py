# SPDX-License-Identifier: MIT
"""The same kernel with one line changed: the classes it boots come from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and the kernel's own loop stay as they are.

`python3 with_registry.py plugins` lists every plugin, also those that are broken or withheld."""

import asyncio
import sys

import main
from core import kernel
from registryclient.hosts import microcoreos, show

kernel.discover_plugins = microcoreos.discover_plugins

if __name__ == "__main__":
    if sys.argv[1:] == ["plugins"]:
        booted = asyncio.run(main.start())
        show(booted.found.listing(booted.left_out))
    else:
        asyncio.run(main.show())
