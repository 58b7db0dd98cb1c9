# SPDX-License-Identifier: MIT
"""The facts of this Python for an environment, in the terms of the packaging standards.

`basic()` is cheap and part of every query; `collect()` adds what needs a search: the installed packages and
the tags of the wheels that fit.
"""

import os
import sys

_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


def python_version() -> str:
    """"3.11.2", "3.13.0rc1": the full version."""
    major, minor, micro, level, serial = sys.version_info
    letter = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level, "")
    return f"{major}.{minor}.{micro}{letter}{serial if letter else ''}"


def markers(kernel: bool = True) -> dict[str, str]:
    """Every environment marker of PEP 508 but `extra`; without `kernel`, not those of the kernel's build."""
    machine = os.uname()
    name = sys.implementation.name
    version = sys.implementation.version
    found = {
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
    return {key: value for key, value in found.items() if kernel or key not in _OF_KERNEL}


# What `python` says already, and what changes with each kernel: a cached snapshot belongs to the facts of
# its query, and must be found again after the machine was restarted.
_OF_KERNEL = {"platform_release", "platform_version"}
_NOT_LASTING = {*_OF_KERNEL, "python_full_version", "python_version"}


def basic() -> dict:
    """The facts of every query unless others are given."""
    lasting = {name: value for name, value in markers().items() if name not in _NOT_LASTING}
    return {"python": python_version(), "markers": lasting}


def installed() -> dict[str, str]:
    """Package -> version of every installed distribution that has a version."""
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


def collect(have: bool = True, tags: bool = True, kernel: bool = False) -> dict:
    """The `facts` of an environment document, as for `registryctl environment facts`: python,
    markers and, when wanted, have, tags and the markers of the kernel's build. Without a package that knows the
    tags, they are left out."""
    facts: dict = {"python": python_version(), "markers": markers(kernel)}
    if have:
        facts["have"] = installed()
    if tags:
        try:
            facts["tags"] = wheel_tags()
        except ImportError:
            pass
    return facts
