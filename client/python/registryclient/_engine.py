# SPDX-License-Identifier: MIT
"""The look-up path of the package: by the extension module `_native` where it is built, else in Python (`_pure`).

Both give the same answers. REGISTRYD_PYTHON_ENGINE=pure or native chooses one; without it, native is used where
it can be loaded. `_engine_calls` is the same seam for what reads directories and sends requests.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Group as Group
    from ._native import Snapshot as Snapshot

VARIABLE = "REGISTRYD_PYTHON_ENGINE"
WANTED = os.environ.get(VARIABLE) or ""
REASON: str | None = None  # why the engine is not the native one

if WANTED == "pure":
    REASON = f"{VARIABLE} is pure"
else:
    try:
        from . import _native
    except ImportError as error:
        if WANTED == "native":
            raise ImportError(
                f"The extension modules of registryclient cannot be loaded from {os.path.dirname(__file__)}: {error}. In a source "
                f"tree, build them first; elsewhere install the platform wheel, or unset {VARIABLE}: the package works without them.",
                name=error.name, path=error.path,
            ) from None  # fmt: skip
        REASON = "this package has no extension modules" if isinstance(error, ModuleNotFoundError) else str(error)

if REASON is None:
    NAME = "native"
    VERSION = _native.VERSION
    open_snapshot = _native.open_snapshot
    parse_entry_points = _native.parse_entry_points
    snapshot_path = _native.snapshot_path
    statuses = _native.statuses
    version_meets = _native.version_meets
else:
    from ._pure import lookup

    NAME = "pure"
    VERSION = lookup.VERSION
    open_snapshot = lookup.open_snapshot  # type: ignore[assignment]
    parse_entry_points = lookup.parse_entry_points
    snapshot_path = lookup.snapshot_path
    statuses = lookup.statuses
    version_meets = lookup.version_meets


def problem() -> tuple | None:
    """The diagnostic about a wrong value of the variable."""
    if WANTED in ("", "pure", "native"):
        return None
    return (False, "engine-unknown", VARIABLE,
            f"{WANTED!r} is no engine, so the {NAME} one is used; the engines are pure and native", "Correct or unset the variable")  # fmt: skip
