# SPDX-License-Identifier: MIT
"""Directories of a root, read safely: links are followed only while they stay inside the root (relative ones, at most
16), and only regular files are read, so that a walk can neither be led elsewhere nor be held up by a pipe."""

import os
from stat import S_ISDIR, S_ISLNK, S_ISREG

from .faults import fault

ABSENT, FILE, DIRECTORY, SPECIAL, OUTSIDE_FILE, OUTSIDE_DIRECTORY, UNREADABLE = (
    "absent", "file", "directory", "special", "outside-file", "outside-directory", "unreadable")  # fmt: skip
LINKS_MAX = 16
_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_OPEN_DIRECTORY = _OPEN | getattr(os, "O_DIRECTORY", 0)


class _Outside(Exception):
    """A link that leaves the root, or links that form a loop; `to_directory`: what it leads to is one."""

    def __init__(self, to_directory: bool, message: str = "The link leads out of the root; only links that stay inside are followed"):
        super().__init__(message)
        self.to_directory = to_directory


class Root:
    """A root that is open. `path`: as it was given, for messages."""

    def __init__(self, path: str):
        self.path = path[:-1] if len(path) > 1 and path.endswith("/") else path
        try:
            self.fd = os.open(path or ".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
        except (FileNotFoundError, NotADirectoryError) as error:
            what = "The directory does not exist" if isinstance(error, FileNotFoundError) else "This is not a directory"
            raise fault("usage", what, path) from None
        except OSError as error:
            raise fault("io", f"The directory cannot be read: {error.strerror}", path) from None
        info = os.fstat(self.fd)
        self.identity = (info.st_dev, info.st_ino)

    def close(self) -> None:
        os.close(self.fd)

    def __enter__(self) -> "Root":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # ---- names inside the root ----

    def _stat(self, parts: list[str]) -> os.stat_result:
        return os.stat("/".join(parts) or ".", dir_fd=self.fd, follow_symlinks=False)

    def real(self, relative: str) -> list[str]:
        """The parts of a path without links. Raises _Outside, FileNotFoundError or another OSError."""
        pending, found, links = relative.split("/")[::-1], [], 0
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not found:
                    raise _Outside(True)
                found.pop()
                continue
            found.append(part)
            if not S_ISLNK(self._stat(found).st_mode):
                continue
            links += 1
            if links > LINKS_MAX:
                raise _Outside(False, "The links form a loop")
            target = os.readlink("/".join(found), dir_fd=self.fd)
            if target.startswith("/"):
                raise _Outside(os.path.isdir(target))
            found.pop()
            if _leaves(found, target):
                raise _Outside(self._is_directory_outside([*found, *target.split("/")]))
            pending.extend(target.split("/")[::-1])
        return found

    def _is_directory_outside(self, parts: list[str]) -> bool:
        try:
            return S_ISDIR(os.stat("/".join(parts), dir_fd=self.fd).st_mode)
        except OSError:
            return False

    def kind(self, relative: str) -> str:
        try:
            mode = self._stat(self.real(relative)).st_mode
        except _Outside as outside:
            return OUTSIDE_DIRECTORY if outside.to_directory else OUTSIDE_FILE
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        except OSError:
            return UNREADABLE
        except ValueError:  # a NUL in the name
            return ABSENT
        return FILE if S_ISREG(mode) else DIRECTORY if S_ISDIR(mode) else SPECIAL

    def exists(self, relative: str) -> bool:
        return self.kind(relative) != ABSENT

    def _open(self, parts: list[str], flags: int) -> int:
        """Opens a path without links, one directory after the other, so that none can be exchanged for a link."""
        fd = os.dup(self.fd)
        for at, part in enumerate(parts):
            is_last = at == len(parts) - 1
            try:
                inner = os.open(part, flags if is_last else _OPEN_DIRECTORY, dir_fd=fd)
            finally:
                os.close(fd)
            fd = inner
        return fd

    def children(self, relative: str) -> list[str]:
        """The names in a directory, in the order of the system."""
        try:
            fd = self._open(self.real(relative), _OPEN_DIRECTORY)
        except _Outside as outside:
            raise fault("invalid", str(outside)) from None
        except OSError as error:
            raise fault("not-found" if isinstance(error, FileNotFoundError) else "io",
                        f"The directory cannot be read: {error.strerror}") from None  # fmt: skip
        try:
            return os.listdir(fd)
        finally:
            os.close(fd)

    def read(self, relative: str, limit: int) -> bytes:
        """The bytes of a regular file. The code of the exception says why not: invalid, too-large, not-found, io."""
        where = self.shown(relative)
        try:
            fd = self._open(self.real(relative), _OPEN)
        except _Outside as outside:
            raise fault("invalid", str(outside), where) from None
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            text = "The file does not exist" if missing else f"The file cannot be read: {error.strerror}"
            raise fault("not-found" if missing else "io", text, where) from None
        try:
            mode = os.fstat(fd).st_mode
            if not S_ISREG(mode):
                kind = "a directory" if S_ISDIR(mode) else "a pipe, socket or device"
                raise fault("invalid", f"This is {kind}, not a regular file", where)
            data = b"".join(iter(lambda: os.read(fd, 1 << 20), b"")) if os.fstat(fd).st_size <= limit else None
            if data is None or len(data) > limit:
                raise fault("too-large", f"The file is over the limit of {limit >> 10} KiB", where)
            return data
        finally:
            os.close(fd)

    def identity_of(self, relative: str) -> tuple[int, int] | None:
        try:
            info = self._stat(self.real(relative))
        except (OSError, _Outside):
            return None
        return info.st_dev, info.st_ino

    def shown(self, relative: str) -> str:
        """How messages name a path below the root."""
        return printable(f"{self.path}/{relative}" if relative else self.path)

    def is_link(self, relative: str) -> bool:
        try:
            return S_ISLNK(os.stat(relative, dir_fd=self.fd, follow_symlinks=False).st_mode)
        except OSError:
            return False


def _leaves(found: list[str], target: str) -> bool:
    depth = len(found)
    for part in target.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return True
    return False


def printable(text: str) -> str:
    """A path as text: bytes that are no UTF-8 and control characters are shown as "?"."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\ufffd", "?")
    return text


def code_of_obstacle(kind: str, code: str) -> str:
    """The finding code of a file that was not read: which kind of obstacle it was."""
    if kind in (OUTSIDE_FILE, OUTSIDE_DIRECTORY):
        return "link-outside-root"
    return {"invalid": "special-file", "too-large": "too-large"}.get(code, "unreadable")
