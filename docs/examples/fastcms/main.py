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
from fastapi import Depends, FastAPI, Header, HTTPException

HERE = Path(__file__).resolve().parent
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)


def open_database():
    """The table of settings as a fresh installation has it, with one setting made in the admin pages."""
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE plugin_settings (plugin, key, value, PRIMARY KEY (plugin, key))")
    database.execute("INSERT INTO plugin_settings VALUES ('hello-world', 'greeting', 'Hello')")
    return database


DATABASE = open_database()


def load_settings(database):
    settings = {}
    for plugin, key, value in database.execute("SELECT plugin, key, value FROM plugin_settings"):
        settings.setdefault(plugin, {})[key] = value
    return settings


def require_admin(authorization: str = Header("")):
    if authorization != "Bearer admin":  # a stand-in for the real server's tokens
        raise HTTPException(status_code=403, detail="for administrators")


def save_settings(plugin, changes):
    """Keeps settings of a plugin: it reads them at the next start."""
    DATABASE.executemany("REPLACE INTO plugin_settings VALUES (?, ?, ?)", [(plugin, *one) for one in changes.items()])
    return load_settings(DATABASE)[plugin]


def admin_rows(app):
    """What the page /admin/plugins shows: each plugin that was loaded, with a link to its settings."""
    return [
        {
            **{key: meta.get(key) for key in ("id", "name", "version", "author")},
            "router_count": app.state.router_counts.get(meta["id"], 0),
            "settings_url": f"/api/v1/admin/plugins/{meta['id']}/settings",
        }
        for meta in app.state.plugins
    ]


def make_app():
    app = FastAPI(title="FastCMS in miniature")
    app.state.hooks, app.state.admin_pages, app.state.router_counts = {}, {}, {}
    plugin_settings = load_settings(DATABASE)
    app.state.plugins = plugin_loader.load_plugins(HERE / "plugins", app, plugin_settings)

    @app.get("/admin/plugins")
    async def list_plugins():
        return admin_rows(app)

    @app.patch("/api/v1/admin/plugins/{plugin_id}/settings", dependencies=[Depends(require_admin)])
    async def change_settings(plugin_id: str, changes: dict):
        return save_settings(plugin_id, changes)

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
