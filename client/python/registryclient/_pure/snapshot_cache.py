# SPDX-License-Identifier: MIT
"""Which snapshot file a program wants, and whether it may be trusted (docs/SNAPSHOT.md, "The cached snapshot").

The name of a cached file is a digest of the address and the question that it belongs to, and the file says the
same inside, so a file that was moved is found out. Trust is decided on what was opened, never on a name:
between a check of a name and its use another file could be put there.
"""

import os

from . import query, settings, snapshot_file, snapshot_open
from .faults import code_of, fault, io_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .snapshot_file import Snapshot

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


class Location:
    """Where a snapshot file lies. `is_named`: a user named the folder, so it may be another user's."""

    __slots__ = ("folder", "name", "is_named", "path")

    def __init__(self, folder: str, name: str, is_named: bool, path: str):
        self.folder, self.name, self.is_named, self.path = folder, name, is_named, path


class Selector:
    """Which snapshot is wanted: a file that was named (`path`), or the cached one of an address and a question.
    `public_key`: pinned; what is not signed with it is never used."""

    __slots__ = ("url", "environment", "question", "cache_dir", "path", "public_key")

    def __init__(self, url: str, environment: str, question: str):
        self.url, self.environment, self.question = url, environment, question
        self.cache_dir: str | None = None
        self.path: str | None = None
        self.public_key: bytes | None = None

    @property
    def is_any(self) -> bool:
        return self.path is not None

    def of_default(self) -> "Selector | None":
        """The same of the environment "default"; None when it is that already. The environment comes first in a
        question."""
        if self.path is not None or self.environment == "default":
            return None
        made = Selector(self.url, "default", "environment=default" + "".join(self.question.partition("&")[1:]))
        made.cache_dir, made.public_key = self.cache_dir, self.public_key
        return made


def select(path, url: str | None, environment: str | None, parts, cache_dir, key: str | None = None) -> Selector:
    """`parts`: the parameters of the question beside the environment."""
    environment = settings.environment_of(environment)
    made = Selector(settings.url_of(url), environment, query.normal_form(environment, list(parts)))
    made.cache_dir, made.path, made.public_key = _fs_text(cache_dir), _fs_text(path), pinned_key(key)
    return made


def _fs_text(path) -> str | None:
    return None if path is None else os.fsdecode(path)


def pinned_key(given: str | None) -> bytes | None:
    digits = os.environ.get("REGISTRYD_SNAPSHOT_KEY") if given is None else given
    if not digits:
        return None
    try:
        key = bytes.fromhex(digits) if len(digits) == 64 else b""
    except ValueError:
        key = b""
    if len(key) != 32:
        raise fault("usage", "A snapshot key is 64 hexadecimal digits, as `registryctl snapshot key` prints them; "
                    "see --snapshot-key and REGISTRYD_SNAPSHOT_KEY")  # fmt: skip
    return key


# ---- where ----


def find_folder(given: str | None) -> tuple[str, bool]:
    """(folder, whether a user named it): REGISTRYD_CACHE_DIR, then the XDG cache folder of the user."""
    get = os.environ.get
    named = given or get("REGISTRYD_CACHE_DIR")
    if named:
        return named, True
    cache, home = get("XDG_CACHE_HOME") or "", get("HOME") or ""
    if cache.startswith("/"):  # a relative one counts as none, as its specification says
        return f"{cache}/registryd", False
    if home.startswith("/"):
        return f"{home}/.cache/registryd", False
    raise fault("not-found", "There is no folder for snapshots: neither HOME nor XDG_CACHE_HOME is set. Set REGISTRYD_CACHE_DIR")


def locate(selector: Selector) -> Location:
    path = selector.path
    if path is not None:
        folder, slash, name = path.rpartition("/")
        return Location(folder or ("/" if slash else "."), name, True, path)
    folder, is_named = find_folder(selector.cache_dir)
    made_of = f"{selector.url}\0{selector.question}".encode("utf-8", "surrogateescape")
    name = f"{snapshot_file.digest(made_of, 16).hex()}.snapshot"
    return Location(folder, name, is_named, f"{folder}/{name}")


# ---- whether it may be trusted ----


def open_folder(location: Location, make: bool = False) -> tuple[int, int]:
    """(descriptor, owner) of the folder. A snapshot decides which code a host loads, so a folder that others can
    write to is as good as code that they can write."""
    folder = location.folder
    try:
        if make:
            os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise io_fault(error, "The snapshot folder cannot be made", folder) from None
    try:
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise io_fault(error, "The snapshot folder cannot be opened", folder) from None
    info = os.fstat(fd)
    may_own = location.is_named or info.st_uid in (os.geteuid(), 0)
    if not may_own or info.st_mode & 0o022:
        os.close(fd)
        raise fault("forbidden", "Other users may write to the folder of the snapshots, so nothing in it is used. "
                    "It must belong to you; run chmod go-w on it", folder)  # fmt: skip
    return fd, info.st_uid


def _open_trusted(location: Location) -> int:
    """A cached file: a regular file that only its owner may write to, and no link."""
    import errno
    from stat import S_ISREG

    folder, owner = open_folder(location)
    try:
        fd = os.open(location.name, _FLAGS, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise fault("forbidden", "The snapshot is a link; links are not followed", location.path) from None
        raise io_fault(error, "The snapshot cannot be opened", location.path) from None
    finally:
        os.close(folder)
    info = os.fstat(fd)
    is_ours = info.st_uid in (os.geteuid(), 0, owner)
    if not S_ISREG(info.st_mode) or not is_ours or info.st_mode & 0o022:
        os.close(fd)
        raise fault("forbidden", "The snapshot is not a regular file that only its owner may write to", location.path)
    return fd


# ---- whether it is the one ----


def check(selector: Selector, snapshot: "Snapshot") -> None:
    """A file under the right name may still hold another answer, for example after it was copied by hand."""
    header = snapshot.header
    if not selector.is_any and header.environment != selector.environment:
        raise fault("malformed", f'The snapshot is for the environment "{header.environment}", not for "{selector.environment}"')
    if not selector.is_any and header.question != selector.question:
        raise fault("malformed", f"The snapshot answers another query ({header.question}), not {selector.question}")
    if selector.public_key is not None:
        verify(header, selector.public_key)


def verify(header: snapshot_file.Header, key: bytes) -> None:
    """The signature, with the pinned key. The standard library has no Ed25519; without `cryptography` the signature
    cannot be checked, and then the snapshot is not used."""
    if not header.is_signed:
        raise fault("forbidden", "The snapshot is not signed, but a key is pinned. Start the registry with --snapshot-key.")
    if header.data[64:96] != key:
        raise fault("forbidden", f"The snapshot is signed with the key {header.data[64:96].hex()}, not with the pinned key")
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise fault("forbidden", "The signature of the snapshot cannot be checked, so the snapshot is not used. This Python has "
                    "no module for Ed25519: pip install cryptography, or use the platform wheel of registryclient") from None  # fmt: skip
    message = f"registryd snapshot {header.version}".encode().ljust(24, b"\0") + header.data[32:64]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(header.data[96:160], message)
    except (InvalidSignature, ValueError):
        raise fault("forbidden", "The signature of the snapshot is not valid") from None


def open_selected(selector: Selector, location: Location) -> "Snapshot":
    """Opens the file that a selector wants. The path is in `where` of every exception."""
    try:
        return _open_checked(selector, location)
    except Exception as error:
        if not code_of(error):
            raise
        raise fault(code_of(error), error.message, location.path) from None  # type: ignore[attr-defined]


def _open_checked(selector: Selector, location: Location) -> "Snapshot":
    opened = snapshot_open.open_file(location.path) if selector.is_any else snapshot_open.adopt(_open_trusted(location))
    check(selector, opened)
    if not selector.is_any and opened.receipt_url != selector.url:
        raise fault("malformed", f"The snapshot is of another registry ({opened.receipt_url or 'it does not say of which'})")
    return opened
