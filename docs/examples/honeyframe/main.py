# SPDX-License-Identifier: MIT
"""Honeyframe in miniature: the platform mounts its plugins when this module is imported.

`python3 main.py` prints what the admin page shows (GET /api/plugins) and every route the plugins
brought; `uvicorn main:app` serves it. Needs FastAPI (Debian: python3-fastapi)."""

import logging
import sys

from fastapi import Depends, FastAPI, Header, HTTPException
from services import plugin_host

sys.path[:0] = [str(folder.parent) for folder in plugin_host.ROOTS.values()]  # plugins.<name>.…

logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
app = FastAPI(title="Honeyframe in miniature")
PLUGINS = plugin_host.mount_plugins(app)


def require_admin(x_role: str = Header("")):
    if x_role != "admin":
        raise HTTPException(status_code=403, detail="for administrators")


@app.get("/api/plugins", dependencies=[Depends(require_admin)])
async def list_plugins():
    return [plugin.row() for plugin in PLUGINS]


def show():
    for row in (plugin.row() for plugin in PLUGINS):
        state = f"{row['state']}: {row['errors'][0]}" if row["errors"] else f"{row['router_count']} routers"
        print(f"{row['name']:<10} {row['version'] or '-':<6} {row['source']:<8} {state}")
    for route in sorted({route.path for route in app.routes if route.path.startswith("/api/")}):
        print(f"  {route}")


if __name__ == "__main__":
    show()
