# SPDX-License-Identifier: MIT
"""Writes wheels and sdists byte by byte, so that every byte can be wrong on purpose."""

import base64
import gzip
import hashlib
import io
import struct
import zlib
from dataclasses import dataclass, field

METADATA = b"Metadata-Version: 2.1\nName: crm\nVersion: 1.0\nSummary: Customers\n\nText\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = b"[honeyframe.plugins]\ncrm = plugins.crm:manifest\n"
INFO = "crm-1.0.dist-info/"
MANIFEST = ("plugins/crm/plugin.yaml", b"name: crm\nversion: '1.0'\n")  # of the entry point above


@dataclass
class Entry:
    """A member; what is in `local` or `central` is written there instead of the truth."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    extra: bytes = b""
    central: dict = field(default_factory=dict)
    local: dict = field(default_factory=dict)
    packed: bytes = None

    def fields(self, start):
        packed = self.packed
        if packed is None:
            packed = self.data
            if self.method == 8:
                deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
                packed = deflate.compress(self.data) + deflate.flush()
        return packed, {
            "version": 20,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "stored": len(packed),
            "size": len(self.data),
            "name": self.name,
            "extra": self.extra,
            "comment": b"",
            "disk": 0,
            "mode": self.mode,
            "start": start,
        }


def local_header(f):
    head = struct.pack("<IHHHHHIIIHH", 0x04034B50, f["version"], f["flags"], f["method"], 0, 33, f["crc"],
                       f["stored"], f["size"], len(f["name"]), len(f["extra"]))  # fmt: skip
    return head + f["name"] + f["extra"]


def central_record(f):
    head = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 3 << 8 | 20, f["version"], f["flags"], f["method"], 0, 33,
                       f["crc"], f["stored"], f["size"], len(f["name"]), len(f["extra"]), len(f["comment"]),
                       f["disk"], 0, f["mode"] << 16, f["start"])  # fmt: skip
    return head + f["name"] + f["extra"] + f["comment"]


def make_zip(entries, prefix=b"", before_central=b"", after=b"", between=None, **end):
    """A zip. `between` maps an index to bytes put before that entry; `end` overrides the end record."""
    out = bytearray(prefix)
    records = b""
    for index, entry in enumerate(entries):
        out += (between or {}).get(index, b"")
        packed, fields = entry.fields(len(out))
        records += central_record({**fields, **entry.central})
        out += local_header({**fields, **entry.local}) + packed
    out += before_central
    count = len([entry for entry in entries if not entry.central.get("skip")])
    values = {"disk": 0, "central_disk": 0, "here": count, "count": count, "size": len(records),
              "start": len(out), "comment": b"", "locator": b""}  # fmt: skip
    values.update(end)
    values["here"] = end.get("here", values["count"])
    last = struct.pack("<IHHHHIIH", 0x06054B50, values["disk"], values["central_disk"], values["here"],
                       values["count"], values["size"], values["start"], len(values["comment"]))  # fmt: skip
    return bytes(out) + records + values["locator"] + last + values["comment"] + after


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def wheel_entries(metadata=METADATA, wheel=WHEEL, entry_points=ENTRY_POINTS, record=None, extra=()):
    """The members of a good wheel, RECORD the last; `extra` are (name, data) in front."""
    files = [("plugins/crm/__init__.py", b"manifest = {}\n")]
    files += list(extra)
    files += [(INFO + "METADATA", metadata), (INFO + "WHEEL", wheel), (INFO + "entry_points.txt", entry_points)]
    files = [(name, data) for name, data in files if data is not None]
    if record is None:
        record = "".join(record_line(name, data) for name, data in files) + INFO + "RECORD,,\n"
    entries = [Entry(name.encode(), data) for name, data in files]
    if record is not False:
        entries.append(Entry((INFO + "RECORD").encode(), record.encode() if isinstance(record, str) else record))
    return entries


def tar_header(name, size=0, kind=b"0", magic=b"ustar\x0000", prefix=b"", link=b"", size_field=None, checksum=None):
    size_field = size_field if size_field is not None else b"%011o\0" % size
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size_field + b"00000000000\0"
    block += b" " * 8 + kind + link.ljust(100, b"\0") + magic + b"\0" * 80 + prefix.ljust(155, b"\0")
    block = block.ljust(512, b"\0")
    total = checksum if checksum is not None else sum(block)
    return block[:148] + b"%06o\0 " % total + block[156:]


def padded(data):
    return data + b"\0" * (-len(data) % 512)


def tar_file(name, data=b"", **changes):
    if isinstance(name, str):
        name = name.encode()
    return tar_header(name, len(data), **changes) + padded(data)


def pax(**records):
    body = b""
    for key, value in records.items():
        value = value if isinstance(value, bytes) else value.encode()
        body += pax_record(key.replace("__", ".").encode(), value)
    return tar_file("PaxHeader/x", body, kind=b"x")


def pax_record(key, value):
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


PKG_INFO = METADATA.replace(b"2.1", b"2.2")
END = b"\0" * 1024


def sdist_files(metadata=PKG_INFO):
    return tar_file("crm-1.0/", kind=b"5") + tar_file("crm-1.0/PKG-INFO", metadata)


def make_sdist(*parts, end=END):
    """A .tar.gz of these parts behind the files of a good sdist."""
    return pack(sdist_files() + b"".join(parts) + end)


def pack(data, level=9):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, compresslevel=level) as file:
        file.write(data)
    return out.getvalue()
