# SPDX-License-Identifier: MIT
"""What reads directories and sends requests: by the extension module `_library`, else in Python (`_pure.calls`). It is
imported on first use, because either loads a network library."""

from . import _engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._library import _Connection as _Connection

REASON = _engine.REASON

if REASON is None:
    try:
        from . import _library
    except ImportError as error:
        if _engine.WANTED == "native":
            raise
        REASON = str(error)  # a library is missing that look-ups do not need

if REASON is None:
    NAME = "native"
    compare = _library.compare
    discover = _library.discover
    publish = _library.publish
    refresh = _library.refresh
    resolve = _library.resolve
    send = _library.send
    state = _library.state
    walk = _library.walk
else:
    from ._pure import calls

    NAME = "pure"
    compare = calls.compare
    discover = calls.discover  # type: ignore[assignment]
    publish = calls.publish
    refresh = calls.refresh
    resolve = calls.resolve  # type: ignore[assignment]
    send = calls.send
    state = calls.state
    walk = calls.walk  # type: ignore[assignment]
