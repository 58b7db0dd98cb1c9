# SPDX-License-Identifier: MIT
"""The table of conventions, in the order in which `auto` asks them: what says more about a directory comes first."""

from .convention import Convention
from .convention_dist_info import DistInfo, Pyproject
from .convention_python import MicroCoreOS, Mountaineer, PluginMeta
from .convention_yaml import PluginYaml
from .faults import fault

TABLE: tuple[Convention, ...] = (PluginYaml(), PluginMeta(), Mountaineer(), DistInfo(), Pyproject(), MicroCoreOS())


def named(name: str) -> Convention:
    return next(one for one in TABLE if one.name == name)


def choose(name: str | None) -> Convention | None:
    """The convention that a person names; None for "auto"."""
    if name is None or name == "auto":
        return None
    found = next((one for one in TABLE if one.name == name), None)
    if found is not None:
        return found
    if "/" in name or name.endswith(".yaml"):
        raise fault("usage", "A declared convention is read by the C library alone: use registryctl walk, or the platform wheel of "
                    "registryclient", name)  # fmt: skip
    names = ", ".join(one.name for one in TABLE)
    raise fault("usage", f'"{name}" is no convention. Use auto, {names}, or FILE.yaml')
