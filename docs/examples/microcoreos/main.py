# SPDX-License-Identifier: MIT
"""MicroCoreOS in miniature: boots the kernel, creates a product, and says what runs.

`python3 main.py`. The kernel and its tools are a miniature (core/). Needs pydantic for the plugins
(Debian: python3-pydantic)."""

import asyncio
import logging
import sys
from pathlib import Path

from core import kernel
from core.tools import make_tools

HERE = Path(__file__).resolve().parent
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)


async def start():
    tools = make_tools()
    running = kernel.Kernel(HERE, tools)
    await running.boot()
    return running


async def show():
    running = await start()
    for identity, plugin in running.running.items():
        print(f"{identity:<28} {type(plugin).__module__}")
    http = running.tools["http"]
    print(await http.call("POST /products", {"name": "Bell", "price": 4.5}))
    print(await http.call("GET /orders/open"))


if __name__ == "__main__":
    asyncio.run(show())
