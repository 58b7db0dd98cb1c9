# SPDX-License-Identifier: MIT
"""Reading snapshot files, written from docs/SNAPSHOT.md.

A file is read in pieces: header, index and receipt when it is opened, a block when it is first needed. So a
look-up of one group costs that group, whatever the size of the file. The descriptor stays open: the snapshot
goes on answering after its file was replaced or removed.

Every offset that comes from the file is held against a size before it is followed. Digests find accidents; the
bounds hold against a file that was made to deceive.
"""

import os
from _blake2 import blake2b
from struct import Struct

from .faults import fault, io_fault

MAGIC = b"\x89RGSNAP\n"
SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024
HEAD_BYTES = 224  # of the shorter header: enough to measure a file of either version
GROUP_BYTES = 64
DECISION_BYTES = 88
VERSIONS = (2, 3)

WORDS = Struct("<II")
_SIZES = Struct("<QQIIqq")  # at 160: whole size, first block, index, groups, serial, time
_ENTRY = Struct("<QQI")  # of the index, at 8: block, size, records
_ANSWER = Struct("<QQII")  # at 224: decisions, their size, rows, flags
_LIMITS = Struct("<QQ")  # at 280: number of the epoch, maximum age

# The texts of a record by their place in it.
NAME, VALUE, PACKAGE, VERSION, SOURCE, LABEL, ORIGIN, MANIFEST, SHADOWED_BY, FINDINGS, SETTINGS, STATE = range(12)
_NEEDED = (NAME, SOURCE)
_NEEDED_OF_DECISION = (0, 1, 4)  # group, package, code


def digest(data, size: int = 32) -> bytes:
    return blake2b(data, digest_size=size).digest()


def refuse(why: str, where: str = ""):
    return fault("malformed", f"The snapshot is damaged: {why}", where)


def cut_short():
    return fault("malformed", "The snapshot is broken: it is cut short")


def _text_at(data: bytes, length: int, at: int) -> bytes | None:
    """The bytes that a reference at `at` names within the first `length` bytes; None when they lie outside or have no
    NUL behind them. They end at the first NUL, as they do for a reader in C."""
    offset, size = WORDS.unpack_from(data, at)
    if offset >= length or size >= length - offset or data[offset + size]:
        return None
    text = data[offset : offset + size]
    return text.partition(b"\0")[0] if b"\0" in text else text


def shown(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class Header:
    """What header and index say, checked: the first `blocks` bytes of a snapshot of `whole` bytes."""

    __slots__ = ("data", "version", "is_signed", "whole", "blocks", "index", "group_count", "serial", "made_at", "epoch",
                 "environment", "question", "decisions_at", "decisions_size", "decision_count", "is_listed_only",
                 "settings_left_out", "has_notes", "epoch_number", "max_age")  # fmt: skip

    def __init__(self, head: bytes):
        """From the beginning of the file: learns the sizes, so that a reader knows how much more to read."""
        if len(head) < HEAD_BYTES or head[:8] != MAGIC:
            raise refuse("the file does not begin with the mark of a snapshot")
        self.version, flags = WORDS.unpack_from(head, 24)
        if self.version not in VERSIONS:
            raise fault("invalid", f"The snapshot has format {self.version}; this program reads the formats {VERSIONS[0]} and {VERSIONS[1]}")
        self.whole, self.blocks, self.index, self.group_count, self.serial, self.made_at = _SIZES.unpack_from(head, 160)
        if head[8:24] != digest(head[24:160], 16) or flags > 1:
            raise refuse("the header was altered")
        if not self.header_bytes <= self.blocks <= self.whole <= SNAPSHOT_BYTES_MAX:
            raise refuse("the sizes in the header contradict each other")
        self.is_signed = bool(flags)
        self.data = head

    @property
    def header_bytes(self) -> int:
        return 296 if self.version == 3 else HEAD_BYTES

    def complete(self, data: bytes) -> None:
        """`data`: everything before the first block."""
        if digest(data[160:]) != data[32:64]:
            raise refuse("the header or the index was altered")
        self.data = data
        if not self.header_bytes <= self.index <= self.blocks or self.group_count * GROUP_BYTES > self.blocks - self.index:
            raise refuse("the index lies outside the file")
        texts = [_text_at(data, self.blocks, at) for at in (200, 208, 216)]
        if None in texts:
            raise refuse("a text of the header lies outside the file")
        self.epoch, self.environment, self.question = (shown(text) for text in texts if text is not None)
        self._read_answer(data)

    def _read_answer(self, data: bytes) -> None:
        """What came with version 3. In a file of version 2 it is unknown."""
        answer, limits = (0, 0, 0, 0), (0, 0)
        if self.version == 3:
            answer, limits = _ANSWER.unpack_from(data, 224), _LIMITS.unpack_from(data, 280)
        self.decisions_at, self.decisions_size, self.decision_count, flags = answer
        self.epoch_number, self.max_age = map(_as_signed, limits)
        self.is_listed_only, self.settings_left_out, self.has_notes = bool(flags & 1), bool(flags & 2), bool(flags & 4)

    @property
    def has_decisions(self) -> bool:
        return self.decisions_at > 0

    def tag(self) -> str:
        """The entity tag of the answer."""
        made_of = self.data[64:96] + digest(self.data[200 : self.blocks])
        return f'"{digest(made_of, 16).hex()}"'

    def group_name(self, index: int) -> bytes:
        """A name that lies outside the file counts as empty, so that a search ends without finding it."""
        return _text_at(self.data, self.blocks, self.index + index * GROUP_BYTES) or b""

    def find(self, name: bytes) -> int | None:
        low, high = 0, self.group_count
        while low < high:
            middle = (low + high) // 2
            found = self.group_name(middle)
            if found == name:
                return middle
            low, high = (middle + 1, high) if found < name else (low, middle)
        return None

    def extent(self, index: int) -> tuple[int, int, int, bytes]:
        """(offset, size, records, digest) of the block of a group."""
        at = self.index + index * GROUP_BYTES
        offset, size, records = _ENTRY.unpack_from(self.data, at + 8)
        if not self.blocks <= offset <= self.whole or size > self.whole - offset or records * self.record_bytes > size:
            raise refuse("a group lies outside the file", shown(self.group_name(index)))
        return offset, size, records, self.data[at + 32 : at + 64]

    def decisions_extent(self) -> tuple[int, int, int, bytes]:
        offset, size, rows = self.decisions_at, self.decisions_size, self.decision_count
        if not self.blocks <= offset <= self.whole or size > self.whole - offset or rows * DECISION_BYTES > size:
            raise refuse("the decisions lie outside the file")
        return offset, size, rows, self.data[248:280]

    @property
    def record_bytes(self) -> int:
        return (12 if self.version == 3 else 11) * 8


def _as_signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


class Rows:
    """A block: rows of references, and the texts that they name. Checked when it is made."""

    __slots__ = ("data", "row_bytes", "text_count", "count", "references")

    def __init__(self, data: bytes, count: int, row_bytes: int, text_count: int, needed: tuple):
        self.data, self.count, self.row_bytes, self.text_count = data, count, row_bytes, text_count
        self.references = Struct(f"<{row_bytes // 4}I").iter_unpack(memoryview(data)[: count * row_bytes])
        self.references = list(self.references)
        length = len(data)
        last = 2 * text_count
        for row in self.references:
            for at in range(0, last, 2):
                offset = row[at]
                if not offset:
                    continue
                size = row[at + 1]
                if offset >= length or size >= length - offset or data[offset + size]:
                    raise ValueError("a text lies outside")
            for at in needed:
                if not row[2 * at]:
                    raise ValueError("a text is missing")

    def text(self, row: tuple, index: int) -> str | None:
        if index >= self.text_count or not row[2 * index]:
            return None
        offset = row[2 * index]
        data = self.data[offset : offset + row[2 * index + 1]]
        if b"\0" in data:
            data = data.partition(b"\0")[0]
        return data.decode("utf-8", "surrogateescape")


class _GroupOf:
    """The groups of the rows of decisions, as a sequence to search."""

    def __init__(self, rows: Rows):
        self.rows = rows

    def __len__(self) -> int:
        return self.rows.count

    def __getitem__(self, index: int) -> bytes:
        return (self.rows.text(self.rows.references[index], 0) or "").encode("utf-8", "surrogateescape")


class Group:
    """A group of a snapshot, checked."""

    __slots__ = ("_name", "_rows")

    def __init__(self, name: str, rows: Rows):
        self._name = name
        self._rows = rows

    def name(self) -> str:
        return self._name

    def __len__(self) -> int:
        return self._rows.count

    def packages(self) -> set[str]:
        rows = self._rows
        found = (rows.text(row, PACKAGE) for row in rows.references)
        return {package for package in found if package is not None}

    def pairs(self) -> list[tuple[int, str, str]]:
        """(index, name, value) of each record that can be loaded and is not shadowed."""
        text = self._rows.text
        return [(index, text(row, NAME), text(row, VALUE)) for index, row in enumerate(self._rows.references)
                if row[0] and row[2] and not row[2 * SHADOWED_BY]]  # type: ignore[misc]  # fmt: skip

    def record(self, index: int) -> tuple[str | None, ...]:
        row, text = self._row(index), self._rows.text
        return (self._name, *(text(row, at) for at in range(MANIFEST + 1)), text(row, SETTINGS), text(row, SHADOWED_BY),
                text(row, STATE))  # fmt: skip

    def findings(self, index: int) -> list[tuple[bool, str, str | None, str, str | None]]:
        text = self._rows.text(self._row(index), FINDINGS)
        if text is None:
            return []
        from .findings import decode_findings, parse_json

        document = parse_json(text)
        return decode_findings(document.get("errors"), True) + decode_findings(document.get("warnings"), False)

    def _row(self, index: int) -> tuple:
        if index.__class__ is not int:
            raise TypeError("The index is not an integer")
        if index < 0:
            raise OverflowError("The index is negative")
        if index >= self._rows.count:
            raise IndexError("The index is out of range")
        return self._rows.references[index]


class Snapshot:
    """A snapshot file, open and checked."""

    __slots__ = ("header", "confirmed_at", "receipt_url", "receipt_epochs", "_fd", "_pieces", "_groups", "_decisions", "__weakref__")

    def __init__(self, header: Header, fd: int = -1, data: bytes | None = None):
        self.header = header
        self.confirmed_at = 0
        self.receipt_url = ""
        self.receipt_epochs: tuple[str, ...] = ()
        self._fd = fd
        self._pieces = data  # the whole snapshot, when it is in memory
        self._groups: dict[int, Group] = {}
        self._decisions: Rows | None = None

    def __del__(self):
        fd, self._fd = getattr(self, "_fd", -1), -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError:  # closed already; another file may have this number by now
                pass

    # ---- reading ----

    def _read(self, offset: int, size: int) -> bytes:
        if self._pieces is not None:
            return self._pieces[offset : offset + size]
        return read_at(self._fd, offset, size)

    def group_at(self, index: int) -> Group:
        known = self._groups.get(index)
        if known is not None:
            return known
        offset, size, records, wanted = self.header.extent(index)
        name = shown(self.header.group_name(index))
        data = self._read(offset, size)
        bytes_of_record = self.header.record_bytes
        if digest(data) != wanted:
            raise refuse("this group was altered", name)
        try:
            rows = Rows(data, records, bytes_of_record, bytes_of_record // 8, _NEEDED)
        except ValueError:
            raise refuse("this group was altered", name) from None
        made = self._groups[index] = Group(name, rows)
        return made

    def decision_rows(self) -> Rows:
        if self._decisions is None:
            offset, size, count, wanted = self.header.decisions_extent()
            data = self._read(offset, size)
            if digest(data) != wanted:
                raise refuse("the decisions were altered")
            try:
                self._decisions = Rows(data, count, DECISION_BYTES, 10, _NEEDED_OF_DECISION)
            except ValueError:
                raise refuse("the decisions were altered") from None
        return self._decisions

    def check_whole(self) -> int:
        """Reads and checks every block; how many records there are. Nothing broken is ever cached."""
        records = sum(len(group) for group in self.groups())
        if self.header.has_decisions:
            self.decision_rows()
        return records

    def has_settings(self) -> bool:
        """Whether it has settings, which may hold keys of other services."""
        in_records = any(row[2 * SETTINGS] for group in self.groups() for row in group._rows.references)
        return in_records or (self.header.has_decisions and any(row[2 * 9] for row in self.decision_rows().references))

    # ---- the surface of _native.Snapshot ----

    def find(self, group: str) -> Group | None:
        index = self.header.find(group.encode())
        return None if index is None else self.group_at(index)

    def groups(self) -> list[Group]:
        return [self.group_at(index) for index in range(self.header.group_count)]

    def origin(self) -> tuple[str, int, int, int, str, str]:
        header = self.header
        return header.epoch, header.serial, header.made_at, self.confirmed_at, header.environment, header.question

    def has_group(self, group: str) -> bool:
        from .query import has_group

        return has_group(self.header.question, group)

    def decisions(self, group: str | None) -> list[tuple] | None:
        if group is not None and not isinstance(group, str):
            raise TypeError("A group is a str or None")
        if not self.header.has_decisions:
            return None
        rows = self.decision_rows()
        text = rows.text
        found = rows.references
        if group is not None:  # neighbours, because the rows are sorted by group
            from bisect import bisect_left, bisect_right

            wanted = group.encode("utf-8", "surrogateescape")
            key = _GroupOf(rows)
            found = found[bisect_left(key, wanted) : bisect_right(key, wanted)]
        return [_decision_of(text, row) for row in found]

    def policy(self) -> tuple[bool, bool, int, bool]:
        header = self.header
        return header.is_listed_only, header.settings_left_out, header.max_age, header.has_notes


def _decision_of(text, row) -> tuple:
    """One text has two meanings: with `outside-pin` it is the pin, with every other code the successor."""
    texts = [text(row, index) for index in range(10)]
    successor = None
    if texts[4] != "outside-pin":
        texts[8], successor = None, texts[8]
    return (*texts, bool(row[20] & 1), bool(row[20] & 2), successor)


def read_at(fd: int, offset: int, size: int) -> bytes:
    """That many bytes, which another process may have cut off meanwhile."""
    pieces = []
    while size > 0:
        try:
            piece = os.pread(fd, size, offset)
        except OSError as error:
            raise io_fault(error, "The snapshot cannot be read") from None
        if not piece:
            raise cut_short()
        pieces.append(piece)
        offset += len(piece)
        size -= len(piece)
    return b"".join(pieces)
