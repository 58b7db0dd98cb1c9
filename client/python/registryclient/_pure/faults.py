# SPDX-License-Identifier: MIT
"""Exceptions of the engine in Python, by the code of the status. Their classes are imported when one is raised."""

WHERE_BYTES_MAX = 255
MESSAGE_BYTES_MAX = 767
_CONTROLS = {**dict.fromkeys((*range(0x20), 0x7F), "?"), **dict.fromkeys(range(0x80, 0xA0), "??")}


def fit(text: str, limit: int = MESSAGE_BYTES_MAX) -> str:
    """The text as it is shown: without control characters, and cut where it is too long."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    data = text.encode("utf-8", "replace")
    if len(data) > limit:
        text = data[: limit - 3].decode("utf-8", "ignore") + "\u2026"
    return text.translate(_CONTROLS)


def fault(code: str, message: str, where: str = "", findings: tuple = ()):
    """The exception of a status: `raise fault("not-found", …)`."""
    from ..errors import BY_CODE

    return BY_CODE[code](fit(message), fit(where or "", WHERE_BYTES_MAX), findings)


def code_of(error: BaseException) -> str:
    """The code of an exception of ours; "" for any other."""
    return getattr(error, "code", "") or ""


def io_fault(error: OSError, what: str, where: str = ""):
    """The exception for a file that could not be used: "The snapshot cannot be opened: No such file or directory"."""
    import errno

    missing = error.errno in (errno.ENOENT, errno.ENOTDIR)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return fault("not-found" if missing else "disk-full" if full else "io", f"{what}: {error.strerror}", where)
