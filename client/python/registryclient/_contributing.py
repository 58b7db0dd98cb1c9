# SPDX-License-Identifier: MIT
"""contributions(): what plugins contribute, with the settings of this process."""

from ._contributions import Contributions
from ._state import settings
from .registry import Registry


def contributions(*groups: str, mode: str | None = None, **options) -> Contributions:
    """What the plugins of the groups contribute, with the settings of this process. `options` are those of `Registry`:
    `environment`, `roots`, `snapshot` and so on. Without a registry at hand, the cached snapshot answers."""
    known = settings()
    given = {"url": known.url, "environment": known.environment, "snapshot": known.snapshot, **options}
    return Registry(**given).contributions(*groups, mode=mode or known.mode)
