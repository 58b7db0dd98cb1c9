# SPDX-License-Identifier: MIT
"""The hostile artifacts: (name of the case, file name, bytes, the code it is refused with).

A code of None means that the file is no archive at all (malformed).
"""

import random
import struct
import zlib

from archives import (
    END,
    INFO,
    METADATA,
    PKG_INFO,
    WHEEL,
    Entry,
    local_header,
    make_sdist,
    make_zip,
    pack,
    padded,
    pax,
    pax_record,
    record_line,
    sdist_files,
    tar_file,
    tar_header,
    wheel_entries,
)

WHEEL_NAME = "crm-1.0-py3-none-any.whl"
SDIST_NAME = "crm-1.0.tar.gz"
GOOD = make_zip(wheel_entries())


def noise(size):
    return random.Random(size).randbytes(size)


def wheel_with(entry):
    """A good wheel with one more member in front."""
    return make_zip([entry] + wheel_entries())


def changed(index, **changes):
    """A good wheel whose member `index` differs."""
    entries = wheel_entries()
    for key, value in changes.items():
        setattr(entries[index], key, value)
    return make_zip(entries)


def framing_cases():
    yield "text", b"not an archive at all", None
    yield "empty", b"", None
    yield "program-in-front", b"MZ" + GOOD, None
    yield "cut-by-ten", GOOD[:-10], "zip-no-end"
    yield "cut-in-half", GOOD[: len(GOOD) // 2], "zip-no-end"
    yield "only-a-signature", b"PK\x03\x04", "zip-no-end"
    yield "one-byte-behind", GOOD + b"\n", "zip-trailing-data"
    yield "megabyte-behind", GOOD + b"x" * 60000, "zip-trailing-data"
    yield "comment", make_zip(wheel_entries(), comment=b"hello"), "zip-comment"
    hidden = make_zip(wheel_entries(), comment=GOOD[-22:])
    yield "end-in-the-comment", hidden, "zip-central-misplaced"
    yield "concatenated", GOOD + GOOD, "zip-central-misplaced"
    yield "concatenated-and-adjusted", make_zip(wheel_entries(), prefix=GOOD), "zip-prefix"
    yield "prefix", make_zip(wheel_entries(), prefix=b"PK\x07\x08"), "zip-prefix"
    yield "hidden-member", make_zip(wheel_entries(), between={2: hidden_member()}), "zip-gap"
    yield "hidden-before-directory", make_zip(wheel_entries(), before_central=hidden_member()), "zip-gap"
    yield "several-disks", make_zip(wheel_entries(), disk=1), "zip-disks"
    yield "member-on-another-disk", changed(1, central={"disk": 1}), "zip-disks"
    yield "counts-differ", make_zip(wheel_entries(), here=4), "zip-disks"
    yield "one-record-hidden", make_zip(wheel_entries(), count=4), "zip-central-damaged"
    yield "one-record-too-many", make_zip(wheel_entries(), count=6), "zip-central-damaged"
    yield "directory-size-lies", make_zip(wheel_entries(), size=10), "zip-central-misplaced"
    yield "directory-start-lies", make_zip(wheel_entries(), start=10), "zip-central-misplaced"
    yield "record-cut-off", damage_record(), "zip-central-damaged"
    yield "zip64-count", make_zip(wheel_entries(), count=0xFFFF), "zip-zip64"
    yield "zip64-start", make_zip(wheel_entries(), start=0xFFFFFFFF), "zip-zip64"
    yield "zip64-locator", make_zip(wheel_entries(), locator=struct.pack("<IIQI", 0x07064B50, 0, 0, 1)), "zip-zip64"
    yield "empty-zip", make_zip([]), None
    yield "too-many-members", make_zip([Entry(b"m/%d" % i, method=0) for i in range(10001)]), "archive-too-many-members"


def hidden_member():
    packed, fields = Entry(b"plugins/hidden.py", b"evil = 1\n").fields(0)
    return local_header(fields) + packed


def damage_record():
    """The name of the last central record reaches over the end of the directory."""
    data = bytearray(make_zip(wheel_entries()))
    start = data.rfind(b"PK\x01\x02")
    data[start + 28 : start + 30] = b"\xff\x00"
    return bytes(data)


def agreement_cases():
    yield "other-name", changed(1, local={"name": b"evil.dist-info/METADATX"[:23]}), "zip-local-central-mismatch"
    yield "shorter-name", changed(1, local={"name": b"x"}), "zip-local-central-mismatch"
    yield "other-size", changed(1, local={"size": 5}), "zip-local-central-mismatch"
    yield "other-stored-size", changed(1, local={"stored": 5}), "zip-local-central-mismatch"
    yield "other-checksum", changed(1, local={"crc": 5}), "zip-local-central-mismatch"
    yield "other-method", changed(1, local={"method": 0}), "zip-local-central-mismatch"
    yield "other-flags", changed(1, local={"flags": 2048}), "zip-local-central-mismatch"
    yield "no-local-header", changed(1, central={"start": 3}), "zip-local-missing"
    yield "start-behind-the-end", changed(1, central={"start": 0x7FFFFFFF}), "zip-local-missing"
    yield "two-records-one-member", twice(), "zip-overlap"
    yield "reaches-into-directory", changed(4, central={"stored": 9999}, local={"stored": 9999}), "zip-overlap"
    yield "nested-members", nested(), "zip-overlap"


def twice():
    entries = wheel_entries()
    _, first = entries[0].fields(0)
    entries[1].central = {**first, "start": 0}
    return make_zip(entries)


def nested():
    """The bytes of one member are another member."""
    inner = Entry(b"plugins/inner.py", b"x" * 40, method=0)
    packed, fields = inner.fields(0)
    data = local_header(fields) + packed
    outer = Entry(b"outer.bin", data, method=0)
    head = len(local_header(outer.fields(0)[1]))
    second = Entry(b"plugins/inner.py", b"", method=0, central={**fields, "start": head})
    return make_zip([outer, second] + wheel_entries())


def member_cases():
    yield "descriptor", changed(0, flags=8), "zip-descriptor"
    yield "encrypted", changed(0, flags=1), "zip-encrypted"
    yield "strongly-encrypted", changed(0, flags=64), "zip-encrypted"
    yield "masked-directory", changed(0, flags=8192), "zip-encrypted"
    yield "aes", changed(0, extra=struct.pack("<HH7s", 0x9901, 7, b"\x02\0AE\x03\x08\0")), "zip-encrypted"
    yield "reserved-flag", changed(0, flags=128), "zip-flags"
    yield "bzip2", changed(0, method=12, packed=b"BZh"), "zip-method"
    yield "lzma", changed(0, method=14, packed=b"xx"), "zip-method"
    yield "stored-sizes", changed(0, method=0, packed=b"short"), "zip-size"
    yield "zip64-size", changed(0, central={"size": 0xFFFFFFFF}), "zip-zip64"
    yield "zip64-extra", changed(0, central={"extra": struct.pack("<HHQ", 1, 8, 5)}), "zip-zip64"
    yield "zip64-local-extra", changed(0, local={"extra": struct.pack("<HHQ", 1, 8, 5)}), "zip-zip64"
    path = b"crm-1.0.dist-info/METADATA"
    extra = struct.pack("<HHBI", 0x7075, 5 + len(path), 1, zlib.crc32(b"plugins/crm/__init__.py")) + path
    yield "another-name-in-unicode", changed(0, extra=extra), "zip-unicode-path"
    yield "extra-cut-off", changed(0, extra=b"\x55\x54\x09\x00\x01"), "zip-extra-damaged"
    yield "extra-of-three-bytes", changed(0, extra=b"\x55\x54\x09"), "zip-extra-damaged"
    yield "newer-format", changed(0, central={"version": 90}), "zip-version"
    yield "symlink", wheel_with(Entry(b"link", b"/etc/passwd", mode=0o120777)), "zip-symlink"
    yield "symlink-as-metadata", changed(1, mode=0o120777), "zip-symlink"
    yield "pipe", wheel_with(Entry(b"pipe", mode=0o010644)), "zip-special"
    yield "device", wheel_with(Entry(b"device", mode=0o020644)), "zip-special"
    yield "directory-without-slash", wheel_with(Entry(b"folder", mode=0o040755)), "zip-special"
    yield "directory-with-data", wheel_with(Entry(b"folder/", b"data", mode=0)), "zip-directory-data"


def name_cases():
    names = {
        "absolute": (b"/etc/passwd", "member-name-absolute"),
        "parent": (b"../../etc/passwd", "member-name-dots"),
        "parent-inside": (b"a/../../b", "member-name-dots"),
        "parent-at-the-end": (b"a/..", "member-name-dots"),
        "here": (b"./a", "member-name-dots"),
        "empty-part": (b"a//b", "member-name-dots"),
        "backslash": (b"a\\..\\b", "member-name-backslash"),
        "drive": (b"C:evil", "member-name-drive"),
        "nul": (b"crm-1.0.dist-info/METADATA\0.txt", "member-name-nul"),
        "line-break": (b"a\nb", "member-name-control"),
        "escape": (b"a\x1b[2J", "member-name-control"),
        "empty": (b"", "member-name-length"),
        "long": (b"a" * 1025, "member-name-length"),
        "deep": (b"a/" * 70 + b"b", "member-name-deep"),
    }
    for name, (path, code) in names.items():
        yield "name-" + name, wheel_with(Entry(path)), code
    yield "name-not-utf8", wheel_with(Entry(b"caf\xe9", flags=2048)), "member-name-not-utf8"
    yield "name-overlong", wheel_with(Entry(b"a\xc0\xafb", flags=2048)), "member-name-not-utf8"
    yield "name-without-flag", wheel_with(Entry("café".encode())), "zip-name-encoding"
    metadata = (INFO + "METADATA").encode()
    yield "duplicate", make_zip(wheel_entries() + [Entry(metadata, METADATA)]), "member-duplicate"
    yield "file-and-directory", make_zip(wheel_entries() + [Entry(b"plugins", b"x")]), "member-duplicate"
    yield "file-and-its-directory", make_zip([Entry(b"a", b"x"), Entry(b"a/", mode=0)]), "member-duplicate"


def content_cases():
    yield "bomb", wheel_with(Entry(b"bomb", b"\0" * (8 << 20))), "archive-ratio"
    lie = {"size": 200 << 20}
    yield "bomb-by-lie", wheel_with(Entry(b"bomb", b"x", central=lie, local=lie)), "archive-ratio"
    wrong = {"crc": 1}
    yield "checksum", changed(1, central=wrong, local=wrong), "member-damaged"
    yield "no-deflate", changed(1, packed=b"\xff" * 40), "member-damaged"
    less = {"size": 10}
    yield "inflates-to-more", changed(1, central=less, local=less), "member-damaged"
    more = {"size": 500}
    yield "inflates-to-less", changed(1, central=more, local=more), "member-damaged"
    big = noise(1 << 20) + METADATA
    yield "metadata-too-large", make_zip(wheel_entries(metadata=big)), "member-too-large"
    yield "no-dist-info", make_zip([Entry(b"a.py")]), "wheel-dist-info-missing"
    yield "two-dist-infos", wheel_with(Entry(b"evil-1.0.dist-info/METADATA", METADATA)), "wheel-dist-info-several"
    yield "no-metadata", make_zip(wheel_entries(metadata=None)), "wheel-file-missing"
    yield "no-wheel-file", make_zip(wheel_entries(wheel=None)), "wheel-file-missing"
    yield "no-record", make_zip(wheel_entries(record=False)), "wheel-file-missing"
    yield "metadata-not-utf8", make_zip(wheel_entries(metadata=METADATA + b"\xff")), "metadata-unreadable"
    other = METADATA.replace(b"Name: crm", b"Name: evil")
    yield "another-name", make_zip(wheel_entries(metadata=other)), "metadata-name-mismatch"
    other = METADATA.replace(b"Version: 1.0", b"Version: 2.0")
    yield "another-version", make_zip(wheel_entries(metadata=other)), "metadata-version-mismatch"
    yield "entry-points-not-utf8", make_zip(wheel_entries(entry_points=b"[a]\nb = \xff")), "entry-points-unreadable"
    newer = WHEEL.replace(b"1.0", b"2.0")
    yield "newer-wheel", make_zip(wheel_entries(wheel=newer)), "wheel-version-unknown"
    yield "wheel-without-version", make_zip(wheel_entries(wheel=b"Tag: py3-none-any\n")), "wheel-version-missing"


def record_cases():
    good = wheel_entries()[-1].data.decode()
    lines = good.splitlines(keepends=True)

    def record(text):
        return make_zip(wheel_entries(record=text))

    yield "record-lacks-a-file", record("".join(lines[1:])), "record-unlisted"
    yield "record-lists-more", record(good + record_line("ghost.py", b"")), "record-absent"
    yield "record-lists-twice", record(lines[0] + good), "record-duplicate"
    yield "record-other-size", record(good.replace(f",{len(METADATA)}\n", ",7\n", 1)), "record-size"
    digest = lines[1].split(",")[1]
    yield "record-other-digest", record(good.replace(digest, "sha256=" + "A" * 43)), "record-digest"
    yield "record-md5", record(good.replace(digest, "md5=abc")), "record-digest-weak"
    yield "record-without-digest", record(good.replace(digest, "")), "record-digest-weak"
    yield "record-no-csv", record('"open,quote\n'), "record-damaged"
    yield "record-two-fields", record("a,b\n" + good), "record-damaged"
    yield "record-nul", record("a\0b,,\n" + good), "record-damaged"


def gzip_cases():
    good = make_sdist()
    yield "sdist-text", b"hello", None
    yield "sdist-is-a-zip", GOOD, None
    yield "gzip-cut", good[: len(good) // 2], "gzip-damaged"
    yield "gzip-header-only", good[:12], "gzip-damaged"
    yield "gzip-checksum", good[:-8] + b"\0\0\0\0" + good[-4:], "gzip-trailer"
    yield "gzip-size", good[:-4] + b"\1\2\3\4", "gzip-trailer"
    yield "gzip-trailing-data", good + b"evil", "gzip-trailer"
    yield "gzip-concatenated", good + pack(b"x" * 512), "tar-trailing-data"
    yield "gzip-twice", pack(good), "tar-truncated"
    yield "gzip-twice-and-long", pack(pack(noise(4096))), "tar-header-damaged"
    yield "gzip-bomb", pack(b"\0" * (80 << 20)), "archive-ratio"
    filler = tar_file("crm-1.0/noise", noise(2 << 20)) + tar_file("crm-1.0/zeros", b"\0" * (63 << 20))
    yield "too-large", pack(sdist_files() + filler + END, 1), "archive-too-large"
    many = b"".join(tar_file(f"crm-1.0/{i}") for i in range(10001))
    yield "sdist-too-many-members", make_sdist(tar_file("crm-1.0/noise", noise(1 << 20)), many), "archive-too-many-members"


def tar_cases():
    def sdist(name, code, *parts, **changes):
        return "tar-" + name, make_sdist(*parts, **changes), code

    member = "crm-1.0/x"
    yield sdist("header-checksum", "tar-header-damaged", tar_file(member, checksum=1))
    yield sdist("cut-off", "tar-truncated", tar_header(member.encode(), 5000) + b"x", end=b"")
    yield sdist("no-end", "tar-truncated", end=b"")
    yield sdist("behind-the-end", "tar-trailing-data", end=END + tar_file("crm-1.0/hidden", b"x") + END)
    yield sdist("behind-one-zero-block", "tar-trailing-data", END[:512], tar_file("crm-1.0/PKG-INFO", b"x"))
    yield sdist("absolute", "member-name-absolute", tar_file("/etc/passwd"))
    yield sdist("parent", "member-name-dots", tar_file("crm-1.0/../../x"))
    yield sdist("backslash", "member-name-backslash", tar_file("crm-1.0\\x"))
    yield sdist("not-utf8", "member-name-not-utf8", tar_file(b"crm-1.0/\xff"))
    yield sdist("pax-nul", "member-name-nul", pax(path="crm-1.0/PKG-INFO\0x"), tar_file(member))
    yield sdist("pax-parent", "member-name-dots", pax(path="crm-1.0/../x"), tar_file(member))
    yield sdist("pax-absolute", "member-name-absolute", pax(path="/x"), tar_file(member))
    yield sdist("link-absolute", "tar-link-outside", tar_file(member, kind=b"2", link=b"/etc/passwd"))
    yield sdist("link-parent", "tar-link-outside", tar_file(member, kind=b"2", link=b"a/../../y"))
    yield sdist("link-parent-pax", "tar-link-outside", pax(linkpath="../x"), tar_file(member, kind=b"2", link=b"y"))
    yield sdist("hard-link-absolute", "tar-link-outside", tar_file(member, kind=b"1", link=b"/etc/passwd"))
    yield sdist("hard-link-parent", "tar-link-outside", tar_file(member, kind=b"1", link=b"../etc/passwd"))
    yield sdist("long-link-outside", "tar-link-outside", tar_file("L", b"../../x\0", kind=b"K"), tar_file(member, kind=b"2", link=b"y"))
    yield sdist("character-device", "tar-special", tar_file(member, kind=b"3"))
    yield sdist("block-device", "tar-special", tar_file(member, kind=b"4"))
    yield sdist("pipe", "tar-special", tar_file(member, kind=b"6"))
    yield sdist("sparse", "tar-sparse", tar_file(member, kind=b"S", magic=b"ustar  \0"))
    yield sdist("pax-sparse", "tar-sparse", pax(GNU__sparse__realsize="999"), tar_file(member))
    yield sdist("pax-sparse-name", "tar-sparse", pax(GNU__sparse__name="crm-1.0/PKG-INFO"), tar_file(member))
    yield sdist("pax-size", "tar-pax-size", pax(size="0"), tar_file(member, b"x" * 600))
    yield sdist("pax-size-other-spelling", "tar-pax-size", pax(size="+1"), tar_file(member, b"x"))
    body = pax_record(b"path", b"crm-1.0/a") + pax_record(b"path", b"crm-1.0/b")
    yield sdist("pax-two-paths", "tar-pax-damaged", tar_file("p", body, kind=b"x"), tar_file(member))
    yield sdist("pax-two-headers", "tar-pax-damaged", pax(path=member), pax(path=member), tar_file(member))
    for name, text in {"length": b"99 path=x\n", "no-length": b"path=x\n", "no-equals": b"9 pathx\n\n", "zero": b"0"}.items():
        yield sdist("pax-" + name, "tar-pax-damaged", tar_file("p", text, kind=b"x"), tar_file(member))
    yield sdist("pax-unknown", "tar-pax-unknown", pax(evil="1"), tar_file(member))
    yield sdist("pax-charset", "tar-pax-unknown", pax(hdrcharset="BINARY"), tar_file(member))
    yield sdist("pax-global-path", "tar-pax-global", tar_file("g", pax_record(b"path", b"x"), kind=b"g"), tar_file(member))
    yield sdist("pax-too-large", "tar-pax-too-large", tar_file("p", b"x" * 70000, kind=b"x"), tar_file(member))
    yield sdist("long-name-and-pax", "tar-ambiguous-name", tar_file("L", b"crm-1.0/a\0", kind=b"L"), pax(path="crm-1.0/b"), tar_file(member))
    yield sdist("two-long-names", "tar-ambiguous-name", *[tar_file("L", b"crm-1.0/a\0", kind=b"L")] * 2, tar_file(member))
    yield sdist("file-like-a-directory", "tar-ambiguous-name", tar_file("crm-1.0/x/"))
    yield sdist("old-directory", "tar-ambiguous-name", tar_file("crm-1.0/x/", kind=b"\0"))
    yield sdist("volume", "tar-type", tar_file(member, kind=b"V"))
    yield sdist("contiguous", "tar-type", tar_file(member, kind=b"7"))
    yield sdist("unknown-type", "tar-type", tar_file(member, kind=b"Z"))
    yield sdist("no-magic", "tar-format", tar_file(member, magic=b"\0" * 8))
    yield sdist("gnu-with-prefix", "tar-format", tar_file(member, magic=b"ustar  \0", prefix=b"evil"))
    yield sdist("binary-size", "tar-size", tar_file(member, size_field=b"\x80" + b"\0" * 11))
    yield sdist("negative-size", "tar-size", tar_file(member, size_field=b"-0000000001\0"))
    yield sdist("huge-size", "tar-truncated", tar_header(member.encode(), 0o77777777777))
    yield sdist("directory-with-size", "tar-size", tar_header(b"crm-1.0/d/", 512, kind=b"5") + padded(b"x"))
    yield sdist("duplicate", "member-duplicate", tar_file("crm-1.0/PKG-INFO", PKG_INFO))
    yield sdist("duplicate-by-pax", "member-duplicate", pax(path="crm-1.0/PKG-INFO"), tar_file(member, b"x"))
    yield sdist("under-a-link", "member-duplicate", tar_file("crm-1.0/d", kind=b"2", link=b"e"), tar_file("crm-1.0/d/x"))
    yield sdist("two-tops", "sdist-top-directory", tar_file("evil-1.0/PKG-INFO", PKG_INFO))
    yield "tar-other-top", pack(tar_file("evil-1.0/PKG-INFO", PKG_INFO) + END), "sdist-top-directory"
    yield "tar-no-top", pack(tar_file("PKG-INFO", PKG_INFO) + END), "sdist-top-directory"
    yield "tar-empty", pack(END), "sdist-top-directory"
    yield "tar-no-metadata", pack(tar_file("crm-1.0/setup.py") + END), "sdist-metadata-missing"
    link = tar_file("crm-1.0/PKG-INFO", kind=b"2", link=b"x") + tar_file("crm-1.0/x", PKG_INFO)
    yield "tar-metadata-is-a-link", pack(link + END), "sdist-metadata-missing"
    evil = PKG_INFO.replace(b"Name: crm", b"Name: evil")
    yield "tar-another-name", pack(sdist_files(evil) + END), "metadata-name-mismatch"


def file_name_cases():
    for name in ("crm.whl", "crm-1.0.whl", "crm-1.0-py3-none-any.whl.exe", "crm-one-py3-none-any.whl", "crm.tar.gz", "crm-1.0.tar.bz2"):
        data = make_sdist() if name.endswith(".tar.gz") else GOOD
        yield "called-" + name, name, data, "artifact-name-invalid"
    yield "called-otherwise", "sales-1.0-py3-none-any.whl", GOOD, "wheel-dist-info-mismatch"
    yield "called-another-version", "crm-2.0-py3-none-any.whl", GOOD, "wheel-dist-info-mismatch"


def cases():
    zips = (framing_cases, agreement_cases, member_cases, name_cases, content_cases, record_cases)
    for make in zips:
        yield from ((name, WHEEL_NAME, data, code) for name, data, code in make())
    for make in (gzip_cases, tar_cases):
        yield from ((name, SDIST_NAME, data, code) for name, data, code in make())
    yield from file_name_cases()

