# SPDX-License-Identifier: MIT
"""The same application, which no longer names its plugins: they come from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and its loop stay as they are.

`python3 with_registry.py plugins` lists every plugin, also those that are broken or withheld."""

import functools
import sys

import main
from registryclient import Registry
from registryclient.hosts import mountaineer, show

main.plugins = functools.partial(mountaineer.plugins, Registry(roots=[("projects", main.PROJECTS)]))

if __name__ == "__main__":
    show(main.plugins().listing()) if sys.argv[1:] == ["plugins"] else main.show(main.make_controller())
