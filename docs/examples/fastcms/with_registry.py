# SPDX-License-Identifier: MIT
"""The same server with one line changed: its plugins come from the registry's client, in the mode that
REGISTRYD_MODE names, and their settings from the environment too. main.py stays as it is."""

import functools

import main
from app import plugin_loader
from registryclient.hosts import fastcms

plugin_loader.load_plugins = functools.partial(fastcms.load_plugins, context=plugin_loader.PluginContext)

if __name__ == "__main__":
    main.show(main.make_app())
