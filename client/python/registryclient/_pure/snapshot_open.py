# SPDX-License-Identifier: MIT
"""Opening snapshots: a file by its path or its descriptor, or bytes in memory; and the receipt that a client appends
to the file that it caches."""

import os

from .faults import fault, io_fault
from .snapshot_file import HEAD_BYTES, SNAPSHOT_BYTES_MAX, WORDS, Header, Snapshot, cut_short, digest, read_at, refuse, shown

RECEIPT_MAGIC = b"\x89RGKEPT\n"
RECEIPT_BYTES_MAX = 16 * 1024
RECEIPT_EPOCHS_MAX = 16


def from_bytes(data: bytes) -> Snapshot:
    """A snapshot in memory, without a receipt."""
    header = Header(data[:HEAD_BYTES])
    if header.whole != len(data):
        raise refuse("the file is truncated, or something was appended")
    header.complete(data[: header.blocks])
    return Snapshot(header, data=data)


def adopt(fd: int) -> Snapshot:
    """The snapshot in an open file; the descriptor belongs to it from now on, also when this fails."""
    try:
        header, info = _open_index(fd)
        receipt = _read_receipt(fd, header.whole, info.st_size)
    except BaseException:
        os.close(fd)
        raise
    made = Snapshot(header, fd)
    made.confirmed_at = int(info.st_mtime_ns // 1_000_000_000)
    made.receipt_url, made.receipt_epochs = receipt
    return made


def open_file(path) -> Snapshot:
    """Opens a file that was named, of any owner. A pipe must not hold us, hence O_NONBLOCK."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise io_fault(error, "The snapshot cannot be opened") from None
    return adopt(fd)


def _open_index(fd: int):
    from stat import S_ISREG

    info = os.fstat(fd)
    if not S_ISREG(info.st_mode) or info.st_size > SNAPSHOT_BYTES_MAX:
        raise fault("too-large" if S_ISREG(info.st_mode) else "malformed",
                    f"A snapshot is a regular file of at most {SNAPSHOT_BYTES_MAX} bytes")  # fmt: skip
    if info.st_size == 0:
        raise fault("malformed", "The file is empty")
    if info.st_size < HEAD_BYTES:
        raise cut_short()
    header = Header(read_at(fd, 0, HEAD_BYTES))
    if header.whole > info.st_size:
        raise cut_short()
    data = read_at(fd, 0, header.blocks)
    if data[:HEAD_BYTES] != header.data:  # it was changed between the two reads
        header = Header(data)
        if header.blocks != len(data):
            raise refuse("the sizes in the header contradict each other")
    header.complete(data)
    return header, info


# ---- the receipt ----


def _read_receipt(fd: int, whole: int, size: int) -> tuple[str, tuple[str, ...]]:
    length = size - whole
    if not length:
        return "", ()
    if length > RECEIPT_BYTES_MAX:
        raise fault("malformed", "The snapshot is broken: something was added to it")
    receipt = decode_receipt(read_at(fd, whole, length))
    if receipt is None:
        raise fault("malformed", "The snapshot is broken: what follows it is not a receipt")
    return receipt


def decode_receipt(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """(address, replaced epochs), or None."""
    if len(data) < 32 or data[:8] != RECEIPT_MAGIC:
        return None
    size, count = WORDS.unpack_from(data, 24)
    if size != len(data) or count > RECEIPT_EPOCHS_MAX or digest(data[24:], 16) != data[8:24]:
        return None
    texts = data[32:].split(b"\0")
    if len(texts) != count + 2 or texts[-1]:  # the address and the epochs, and nothing behind the last NUL
        return None
    told = [shown(text) for text in texts[:-1]]
    return told[0], tuple(told[1:])


def encode_receipt(url: str, epochs: tuple[str, ...]) -> bytes:
    texts = b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in (url, *epochs))
    body = WORDS.pack(32 + len(texts), len(epochs)) + texts
    return RECEIPT_MAGIC + digest(body, 16) + body
