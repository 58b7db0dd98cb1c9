# SPDX-License-Identifier: MIT
"""The same application, which no longer names its plugins: they come from the registry's client, in the
mode that REGISTRYD_MODE names. main.py and its loop stay as they are."""

import functools

import main
from registryclient import Registry
from registryclient.hosts import mountaineer

main.plugins = functools.partial(mountaineer.plugins, Registry(roots=[str(main.PROJECTS)]))

if __name__ == "__main__":
    main.show(main.make_controller())
