# SPDX-License-Identifier: MIT
"""What this Python is, in the words of the packaging standards: the facts of an environment.

`basic()` costs nothing and is what every look-up of a snapshot says; `collect()` adds what has to be
looked for: the packages installed and the tags of wheels that fit.
"""

import os
import sys

_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


def python_version() -> str:
    """"3.11.2", "3.13.0rc1": the full version."""
    major, minor, micro, level, serial = sys.version_info
    letter = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level, "")
    return f"{major}.{minor}.{micro}{letter}{serial if letter else ''}"


def markers() -> dict[str, str]:
    """Every environment marker of PEP 508 but `extra`."""
    machine = os.uname()
    name = sys.implementation.name
    version = sys.implementation.version
    return {
        "implementation_name": name,
        "implementation_version": f"{version.major}.{version.minor}.{version.micro}",
        "os_name": os.name,
        "platform_machine": machine.machine,
        "platform_python_implementation": _IMPLEMENTATIONS.get(name, name),
        "platform_release": machine.release,
        "platform_system": machine.sysname,
        "platform_version": machine.version,
        "python_full_version": python_version(),
        "python_version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "sys_platform": sys.platform,
    }


# What `python` tells already, and what changes with each kernel: the snapshot that is kept belongs to the
# facts it was asked with, and must be found after the machine was started anew.
_NOT_LASTING = {"platform_release", "platform_version", "python_full_version", "python_version"}


def basic() -> dict:
    """What every question tells unless other facts are given."""
    lasting = {name: value for name, value in markers().items() if name not in _NOT_LASTING}
    return {"python": python_version(), "markers": lasting}


def installed() -> dict[str, str]:
    """Package -> version of every distribution installed, as far as it tells one."""
    from ._walk import choose, find_all

    found = (distribution.name_and_version() for distribution in choose(find_all()))
    return {name: version for name, version in sorted(found) if name and version}


def wheel_tags() -> list[str]:
    """The tags of wheels that this Python installs, the best first."""
    from importlib import import_module

    try:
        tags = import_module("packaging.tags")
    except ImportError:
        tags = import_module("pip._vendor.packaging.tags")
    return [str(tag) for tag in tags.sys_tags()]


def collect(have: bool = True, tags: bool = True) -> dict:
    """The `facts` of an environment document, as `registryctl environment facts` tells them: python,
    markers and, when wanted, have and tags. Where no package tells the tags, they are left out."""
    facts: dict = {"python": python_version(), "markers": markers()}
    if have:
        facts["have"] = installed()
    if tags:
        try:
            facts["tags"] = wheel_tags()
        except ImportError:
            pass
    return facts
