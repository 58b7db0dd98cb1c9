# SPDX-License-Identifier: MIT
"""Stand-in: what a plugin's `plugin.py` makes."""

import dataclasses


@dataclasses.dataclass
class BuildConfig:
    custom_builders: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class MountaineerPlugin:
    """Only the name is required; view-backed, router-only, or both."""

    name: str
    controllers: list = dataclasses.field(default_factory=list)
    view_root: object = None
    build_config: BuildConfig = dataclasses.field(default_factory=BuildConfig)
    router: object = None
