# SPDX-License-Identifier: MIT
"""FastCMS in miniature: loads its plugins at start, with the settings of its table plugin_settings.

`python3 main.py` prints what /admin/plugins lists, what each route of a plugin answers, and the hooks;
`uvicorn --factory main:make_app` serves it. Needs FastAPI (Debian: python3-fastapi)."""

import asyncio
import logging
import sqlite3
import sys
from pathlib import Path

from app import plugin_loader
from fastapi import FastAPI

HERE = Path(__file__).resolve().parent
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)


def open_database():
    """The table of settings as a fresh installation has it, with one setting made in the admin pages."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE plugin_settings (plugin, key, value, PRIMARY KEY (plugin, key))")
    database.execute("INSERT INTO plugin_settings VALUES ('hello-world', 'greeting', 'Hello')")
    return database


def load_settings(database):
    settings = {}
    for plugin, key, value in database.execute("SELECT plugin, key, value FROM plugin_settings"):
        settings.setdefault(plugin, {})[key] = value
    return settings


def make_app():
    app = FastAPI(title="FastCMS in miniature")
    app.state.hooks, app.state.admin_pages = {}, {}
    plugin_settings = load_settings(open_database())
    app.state.plugins = plugin_loader.load_plugins(HERE / "plugins", app, plugin_settings)

    @app.get("/admin/plugins")
    async def list_plugins():
        return app.state.plugins

    return app


def show(app):
    for meta in app.state.plugins:
        print(f"{meta['id']:<16} {meta['version']:<6} {meta['name']}")
    for route in app.routes:
        if route.path.startswith("/api/v1/plugins/"):
            print(f"  {route.path}: {asyncio.run(route.endpoint())}")
    for (event, collection), handlers in app.state.hooks.items():
        print(f"  {event} {collection}: {', '.join(handler.__name__ for handler in handlers)}")


if __name__ == "__main__":
    show(make_app())
