# SPDX-License-Identifier: MIT
"""find(): entry points by what they are, with the settings of this process."""

from ._state import settings
from .registry import Registry


def find(*, limit: int = 100, **query: "str | None") -> list[dict]:
    """`Registry.find` with the settings of this process."""
    known = settings()
    return Registry(url=known.url, environment=known.environment).find(limit=limit, **query)
