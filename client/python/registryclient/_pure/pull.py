# SPDX-License-Identifier: MIT
"""Asking for a snapshot, and replacing the cached file by the rules of docs/SNAPSHOT.md: never backwards, under a
lock, whole or not at all. Everything is checked before the old file is touched. The rules are applied with the lock
held, against the file that is there then, because other processes pull the same snapshot."""

import os

from . import api, http, snapshot_cache, snapshot_file, snapshot_open
from .connection import Connection
from .faults import code_of, fault, io_fault
from .snapshot_cache import Location, Selector
from .snapshot_file import Snapshot

MEDIA_TYPE = "application/vnd.registryd.snapshot"
LOCK_WAIT_SECONDS = 0.005
LOCK_TRIES = 400


def pull(connection: Connection, selector: Selector) -> None:
    """Asks the registry, and keeps its answer if it is newer. When the environment is unknown, the decisions of
    "default" are better than none for a host that goes offline."""
    try:
        _pull(connection, selector)
    except Exception as error:
        instead = selector.of_default() if code_of(error) == "not-found" else None
        if instead is not None:
            try:
                _pull(connection, instead)
            except Exception:  # the first refusal is what counts
                pass
        raise


def _pull(connection: Connection, selector: Selector) -> None:
    location = snapshot_cache.locate(selector)
    try:
        kept: Snapshot | None = snapshot_cache.open_selected(selector, location)
    except Exception as error:  # a cached file that cannot be used is no failure: the request goes out without a tag
        if not code_of(error):
            raise
        kept = None
    headers = {"Accept": f"{MEDIA_TYPE}, application/problem+json", "Accept-Encoding": "identity",
               "If-None-Match": kept.header.tag() if kept is not None else None}  # fmt: skip
    answer = http.send(connection, "GET", f"/v1/snapshot?{selector.question}", None, headers, snapshot_file.SNAPSHOT_BYTES_MAX)
    if answer.status == 304 and kept is not None:
        confirm(kept)
    elif answer.status == 200 and answer.header("Content-Type") == MEDIA_TYPE:
        _take(connection, selector, location, kept, answer.body)
    else:
        raise api.refuse_other(connection, answer)


def _take(connection: Connection, selector: Selector, location: Location, kept: Snapshot | None, body: bytes) -> None:
    try:
        fresh = snapshot_open.from_bytes(body)
        fresh.check_whole()
        snapshot_cache.check(selector, fresh)
    except Exception as error:
        if not code_of(error):
            raise
        message = getattr(error, "message", str(error))
        raise fault(code_of(error), f"The snapshot from {connection.url} is not used: {message}") from None
    try:
        _replace(selector, location, fresh, body)
    except Exception as error:
        if code_of(error) not in ("conflict", "history-conflict", "timeout") or not _is_overtaken(selector, location, kept):
            raise


def _is_overtaken(selector: Selector, location: Location, kept: Snapshot | None) -> bool:
    """Whether another process has put a newer one there since we asked: then nothing failed."""
    try:
        now = snapshot_cache.open_selected(selector, location)
    except Exception:
        return False
    # the header has the digests of the rest, so equal headers mean equal files
    return kept is None or now.header.data != kept.header.data


def confirm(snapshot: Snapshot) -> None:
    """The registry has confirmed the file as the newest: its age counts from now."""
    try:
        os.utime(snapshot._fd)
    except OSError:  # another user's file; its age stays
        pass


# ---- the rules ----


def check_rules(old: Snapshot, fresh: Snapshot) -> None:
    """In one epoch the serial does not fall, and another epoch has a higher number; the clock does not count. Where the
    old snapshot has no number, an epoch that was left does not come back; where neither has one, a new epoch must have
    been made later than what it replaces."""
    before, after = old.header, fresh.header
    if before.epoch == after.epoch:
        if after.serial < before.serial:
            raise fault("conflict", f"The registry answered with serial {after.serial}, but the cached snapshot has serial "
                        f"{before.serial}. The cached one is kept")  # fmt: skip
        return
    if before.epoch_number and after.epoch_number == before.epoch_number:
        raise fault("history-conflict", f"The registry answered with the history {after.epoch}, whose number "
                    f"{after.epoch_number} is that of the cached history {before.epoch}. The cached file is kept")  # fmt: skip
    if before.epoch_number and after.epoch_number > before.epoch_number:
        return
    if before.epoch_number or after.epoch in old.receipt_epochs:
        raise fault("conflict", f"The registry answered with the history {after.epoch}, which a newer history has replaced. "
                    "If this is intended, remove the cached file")  # fmt: skip
    if not after.epoch_number and after.made_at < before.made_at:
        raise fault("conflict", f"The registry answered with another history ({after.epoch}), which is older than the cached "
                    "snapshot. If this is intended, remove the cached file")  # fmt: skip


def replaced_epochs(old: Snapshot | None, fresh: Snapshot) -> tuple[str, ...]:
    """The epochs that the receipt names: those of the file that is replaced, then its own if it is left. The oldest
    ones go first."""
    if old is None:
        return ()
    leaves = (old.header.epoch,) if old.header.epoch != fresh.header.epoch else ()
    return (*old.receipt_epochs, *leaves)[-snapshot_open.RECEIPT_EPOCHS_MAX :]


# ---- the file ----


def _replace(selector: Selector, location: Location, fresh: Snapshot, body: bytes) -> None:
    mode = 0o600 if fresh.has_settings() else 0o644  # settings may hold keys of other services
    folder, _ = snapshot_cache.open_folder(location, make=selector.path is None)
    try:
        lock = _lock(folder, location)
        try:
            _put(folder, selector, location, fresh, body, mode)
        finally:
            os.close(lock)  # releases it
    finally:
        os.close(folder)


def _put(folder: int, selector: Selector, location: Location, fresh: Snapshot, body: bytes, mode: int) -> None:
    old = None
    try:
        old = snapshot_cache.open_selected(selector, location)
    except Exception as error:
        if code_of(error) in ("io", "no-memory", ""):  # what cannot be read now may still be the newer one
            raise
    if old is not None:
        check_rules(old, fresh)
        if old.header.tag() == fresh.header.tag() and old.header.serial == fresh.header.serial:
            confirm(old)
            return
    receipt = snapshot_open.encode_receipt(selector.url, replaced_epochs(old, fresh))
    if len(body) + len(receipt) > snapshot_file.SNAPSHOT_BYTES_MAX or len(receipt) > snapshot_open.RECEIPT_BYTES_MAX:
        raise fault("too-large", "The snapshot cannot be kept: The input exceeds a limit", location.path)
    _write(folder, location, (body, receipt), mode)


def _write(folder: int, location: Location, parts: tuple[bytes, ...], mode: int) -> None:
    """A new file beside the old one, then the rename: a reader sees either. What a crash left goes first."""
    temporary = f"{location.name}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        _unlink(folder, temporary)
        fd = os.open(temporary, flags, mode, dir_fd=folder)
    except OSError as error:
        raise io_fault(error, "The snapshot cannot be written", location.path) from None
    try:
        try:
            for part in parts:
                _write_all(fd, part)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(temporary, location.name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException as error:
        _unlink(folder, temporary)
        if isinstance(error, OSError):
            raise io_fault(error, "The snapshot cannot be written", location.path) from None
        raise
    try:
        os.fsync(folder)
    except OSError:  # the new file is there
        pass


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _unlink(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass


def _lock(folder: int, location: Location) -> int:
    """The lock beside the file, as the C library takes it; the system releases it when its holder dies."""
    from fcntl import LOCK_EX, LOCK_NB, flock
    from time import sleep

    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        fd = os.open(f"{location.name}.lock", flags, 0o644, dir_fd=folder)
    except OSError as error:
        raise io_fault(error, "The snapshot cannot be written", location.path) from None
    try:
        for _ in range(LOCK_TRIES):
            try:
                flock(fd, LOCK_EX | LOCK_NB)
                return fd
            except BlockingIOError:
                sleep(LOCK_WAIT_SECONDS)
    except BaseException as error:
        os.close(fd)
        if isinstance(error, OSError):
            raise io_fault(error, "The snapshot cannot be locked", location.path) from None
        raise
    os.close(fd)
    raise fault("timeout", f"Another process has been replacing the snapshot for {round(LOCK_TRIES * LOCK_WAIT_SECONDS * 1000)} ms",
                location.path)  # fmt: skip
