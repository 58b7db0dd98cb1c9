# SPDX-License-Identifier: MIT
"""The same platform with one line changed: what it discovers comes from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and the platform's own loop stay as they are."""

import functools

from registryclient import Registry
from registryclient.hosts import honeyframe
from services import plugin_host

registry = Registry(roots=plugin_host.ROOTS.items())
plugin_host.discover_plugins = functools.partial(honeyframe.discover_plugins, registry)

if __name__ == "__main__":
    import main

    main.show()
