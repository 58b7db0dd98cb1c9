# SPDX-License-Identifier: MIT
"""The tools of the miniature kernel. A plugin gets those whose names its constructor asks for."""

import asyncio
import inspect
import logging
import re
import sqlite3


class Database:
    """SQLite, spoken to as plugins speak to `db`: numbered parameters, the first value comes back."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("CREATE TABLE products (id INTEGER PRIMARY KEY, name, price)")

    async def execute(self, sql, values=()):
        row = self.connection.execute(re.sub(r"\$(\d+)", r"?\1", sql), values).fetchone()
        return row[0] if row else None


class Http:
    """The table of endpoints; `call` stands for a request."""

    def __init__(self):
        self.endpoints = {}

    def add_endpoint(self, path, method, handler, **documentation):
        self.endpoints[f"{method} {path}"] = handler

    async def call(self, endpoint, data=None):
        return await run_hybrid(self.endpoints[endpoint], data or {})


class EventBus:
    def __init__(self):
        self.handlers = {}

    async def subscribe(self, event, handler):
        self.handlers.setdefault(event, []).append(handler)

    async def publish(self, event, data):
        for handler in self.handlers.get(event, []):
            await run_hybrid(handler, data)


async def run_hybrid(handler, data):
    """`async def` runs here, `def` in a thread."""
    if inspect.iscoroutinefunction(handler):
        return await handler(data)
    return await asyncio.to_thread(handler, data)


def make_tools():
    return {"db": Database(), "http": Http(), "event_bus": EventBus(), "logger": logging.getLogger("plugins")}
