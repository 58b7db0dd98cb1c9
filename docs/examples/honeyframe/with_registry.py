# SPDX-License-Identifier: MIT
"""The same platform with one line changed: what it discovers comes from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and the platform's own loop stay as they are.

`python3 with_registry.py plugins` prints what its page of plugins shows; `uvicorn with_registry:main.app` serves it."""

import functools
import sys

from registryclient import Registry
from registryclient.hosts import honeyframe, show
from services import plugin_host

registry = Registry(roots=plugin_host.ROOTS.items())
plugin_host.discover_plugins = functools.partial(honeyframe.discover_plugins, registry)

import main  # noqa: E402  the platform discovers its plugins while it is imported

if __name__ == "__main__":
    show(plugin.as_listed() for plugin in main.PLUGINS) if sys.argv[1:] == ["plugins"] else main.show()
