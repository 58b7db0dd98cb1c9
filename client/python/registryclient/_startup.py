# SPDX-License-Identifier: MIT
"""Start-up hooks: files of a site folder that run code before a program does. This module lists all of them, and
writes and removes our own.

Ours is a pair. `registryclient.start` names a callable, for Python 3.15 and later (PEP 829); `registryclient.pth` has an
import line, for earlier ones. Where both lie side by side, a Python that knows .start files ignores the import line,
and from Python 3.18 on it ignores every import line.
"""

import os
import sys

NAME = "registryclient"
TARGET = "registryclient._startup:run"
FILES = {
    f"{NAME}.start": f"{TARGET}\n",
    f"{NAME}.pth": "import registryclient._startup; registryclient._startup.run()\n",
}
FILE_BYTES_MAX = 64 * 1024


def run() -> None:
    """What the hook calls: install(), with the settings of the environment. It never stops an interpreter."""
    try:
        from ._install import install

        install()
    except Exception as error:
        print(f"registryclient: The start-up hook failed, so programs find their plugins without it: {error}", file=sys.stderr)


# ---- listing ----


class Hook:
    """A start-up hook: where it is, what it runs, and why it may not run."""

    __slots__ = ("path", "runs", "note")

    def __init__(self, path: str, runs: str, note: "str | None" = None):
        self.path, self.runs, self.note = path, runs, note


def site_folders() -> "list[str]":
    """The folders whose .pth and .start files this Python reads, each once."""
    import site

    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    known = [*site.getsitepackages(), *user]
    return [folder for folder in dict.fromkeys(map(os.path.realpath, known)) if os.path.isdir(folder)]


def hooks(folders: "list[str] | None" = None, version: "tuple[int, int]" = sys.version_info[:2]) -> "list[Hook]":
    """Every start-up hook: files of the site folders, then sitecustomize and usercustomize."""
    found = []
    for folder in site_folders() if folders is None else folders:
        found += _hooks_of(folder, version)
    return found + (_customizations() if folders is None else [])


def _hooks_of(folder: str, version: "tuple[int, int]") -> "list[Hook]":
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        return [Hook(folder, "unknown", f"The folder cannot be read: {error.strerror}")]
    found = []
    for name in names:
        stem, dot, kind = name.rpartition(".")
        if name.startswith(".") or not dot or kind not in ("pth", "start"):
            continue
        path = os.path.join(folder, name)
        lines = _lines(path)
        if lines is None:
            found.append(Hook(path, "unknown", "The file cannot be read"))
        elif kind == "start":
            found += [Hook(path, line, _note_of_start(version)) for line in lines]
        else:
            note = _note_of_pth(version, f"{stem}.start" in names)
            found += [Hook(path, line, note) for line in lines if line.startswith(("import ", "import\t"))]
    return found


def _lines(path: str) -> "list[str] | None":
    try:
        with open(path, "rb") as file:
            text = file.read(FILE_BYTES_MAX).decode("utf-8-sig", "replace")
    except OSError:
        return None
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _note_of_start(version: "tuple[int, int]") -> "str | None":
    return None if version >= (3, 15) else "Python reads .start files from 3.15 on; this one does not run it"


def _note_of_pth(version: "tuple[int, int]", has_start: bool) -> "str | None":
    if version >= (3, 18) or (version >= (3, 15) and has_start):
        return "Python ignores this line"
    return None if has_start else "Python 3.18 and later ignore this line; a .start file beside it is read from 3.15 on"


def _customizations() -> "list[Hook]":
    found = []
    for name in ("sitecustomize", "usercustomize"):
        module = sys.modules.get(name)
        if module is not None:
            found.append(Hook(str(getattr(module, "__file__", None) or "?"), name))
    return found


# ---- our own ----


def folder_of_ours() -> str:
    from sysconfig import get_path

    return get_path("purelib")


def write(folder: "str | None" = None) -> "list[str]":
    """Installs our hook into a site folder (default: that of this Python); the paths of its files. Each file appears
    whole."""
    folder = folder or folder_of_ours()
    made = []
    for name, text in FILES.items():
        path = os.path.join(folder, name)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{path}.new", path)
        made.append(path)
    return made


def remove(folder: "str | None" = None) -> "list[str]":
    """Removes our hook; the paths of the files that were there."""
    folder = folder or folder_of_ours()
    gone = []
    for name in reversed(FILES):  # the line that an earlier Python runs goes first
        path = os.path.join(folder, name)
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        gone.append(path)
    return gone
