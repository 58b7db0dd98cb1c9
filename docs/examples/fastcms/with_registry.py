# SPDX-License-Identifier: MIT
"""The same server: its plugins come from the registry's client, in the mode that REGISTRYD_MODE names, and
their settings from the environment too. main.py stays as it is. The page of plugins also lists what is broken or
withheld, and settings are changed in the registry.

`python3 with_registry.py plugins` prints what the page of plugins shows; `uvicorn --factory with_registry:main.make_app`
serves it."""

import functools
import sys

import main
from app import plugin_loader
from registryclient import Registry
from registryclient.hosts import fastcms, show

plugin_loader.load_plugins = functools.partial(fastcms.load_plugins, context=plugin_loader.PluginContext)
main.save_settings = lambda plugin, changes: Registry().settings(plugin, changes)
main.admin_rows = lambda app: [one.row() for one in listing(app)]


def listing(app):
    """Every plugin, with the routers that it has brought."""
    counts = app.state.router_counts
    return [one._replace(router_count=counts.get(one.name, 0)) for one in app.state.plugins.listing()]


if __name__ == "__main__":
    made = main.make_app()
    show(listing(made)) if sys.argv[1:] == ["plugins"] else main.show(made)
