# SPDX-License-Identifier: MIT
"""The same platform with one line changed: what it discovers comes from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and the platform's own loop stay as they are.

`python3 with_registry.py plugins` prints what its page of plugins shows."""

import functools
import sys

from registryclient import Registry
from registryclient.hosts import honeyframe, show
from services import plugin_host

registry = Registry(roots=plugin_host.ROOTS.items())
plugin_host.discover_plugins = functools.partial(honeyframe.discover_plugins, registry)

if __name__ == "__main__":
    import main

    show(plugin.as_listed() for plugin in main.PLUGINS) if sys.argv[1:] == ["plugins"] else main.show()
