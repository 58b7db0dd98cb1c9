# SPDX-License-Identifier: MIT
"""Snapshot files written and read in Python, from docs/SNAPSHOT.md alone: a second opinion on the format,
and the way tests make files that no registry would send.

    raw = snapshot({"app.plugins": [{"name": "crm", "value": "crm:p"}]}, serial=7)
    Snapshot(raw).records["app.plugins"][0]["name"] == "crm"
    snapshot({}, decisions=[{"group": "app.plugins", "package": "crm", "name": "crm", "code": "disabled"}])
"""

import hashlib
import struct
import time

MAGIC = b"\x89RGSNAP\n"
MEDIA_TYPE = "application/vnd.registryd.snapshot"
EPOCH = "11111111-1111-1111-1111-111111111111"
TEXTS = ("name", "value", "package", "version", "source", "label", "origin", "manifest", "shadowed_by",
         "findings", "settings", "state")
TEXTS_2 = TEXTS[:-1]  # of version 2
DECISION_TEXTS = ("group", "package", "name", "version", "code", "message", "since", "by", "pin", "settings")
HEADER_BYTES, HEADER_BYTES_2, GROUP_BYTES = 296, 224, 64
DECISION_BYTES = len(DECISION_TEXTS) * 8 + 8
LISTED_ONLY, SETTINGS_LEFT_OUT, HAS_NOTES = 1, 2, 4
BY_NAME, ENTRY_ONLY = 1, 2
NOTES = ("alias", "group-deprecated")


def blake(raw, size=32):
    return hashlib.blake2b(raw, digest_size=size).digest()


def padded(raw):
    return raw + bytes(-len(raw) % 8)


def block(records, columns=TEXTS):
    fixed, texts = b"", b""
    for record in records:
        for text in columns:
            raw = (record.get(text) or "").encode()
            if text not in record or record[text] is None:
                fixed += bytes(8)
            else:
                fixed += struct.pack("<II", len(records) * len(columns) * 8 + len(texts), len(raw))
                texts += raw + b"\0"
    return padded(fixed + texts)


def decision_key(decision):
    """The order of rows: group, package, name, code, version; none comes before any."""
    texts = [(decision.get(key) or "").encode() for key in ("group", "package", "name", "code", "version")]
    return texts, bool(decision.get("entry_only"))


def decision_text(decision, text):
    """One place of a row holds the pin of the code outside-pin, and the successor of every other code."""
    is_successor = text == "pin" and decision["code"] != "outside-pin"
    return decision.get("successor" if is_successor else text)


def decision_block(decisions):
    """Every text is written out; the product's writer shares equal texts of neighbouring rows."""
    fixed, texts = b"", b""
    for decision in sorted(decisions, key=decision_key):
        for text in DECISION_TEXTS:
            value = decision_text(decision, text)
            if value is None:
                fixed += bytes(8)
            else:
                raw = value.encode()
                fixed += struct.pack("<II", len(decisions) * DECISION_BYTES + len(texts), len(raw))
                texts += raw + b"\0"
        flags = (BY_NAME if decision.get("by_name") else 0) | (ENTRY_ONLY if decision.get("entry_only") else 0)
        fixed += struct.pack("<II", flags, 0)
    return padded(fixed + texts)


def snapshot(groups, serial=1, epoch=EPOCH, environment="default", question="environment=default",
             made_at=None, version=3, sign=None, decisions=(), max_age=2592000, epoch_number=0, listed=False,
             settings_left_out=False):
    """`sign`: (public key, function that signs), as from key_pair(). `decisions`: None = none are known."""
    made_at = int(time.time()) if made_at is None else made_at
    header_bytes, columns = (HEADER_BYTES_2, TEXTS_2) if version == 2 else (HEADER_BYTES, TEXTS)
    texts, references = b"", b""
    for text in (epoch, environment, question):
        references += struct.pack("<II", header_bytes + len(texts), len(text.encode()))
        texts += text.encode() + b"\0"
    index_at = header_bytes + len(padded(texts))
    names, entries = b"", []
    for group in sorted(groups, key=str.encode):
        at = index_at + len(groups) * GROUP_BYTES + len(names)
        entries.append((struct.pack("<II", at, len(group.encode())), block(groups[group], columns), len(groups[group])))
        names += group.encode() + b"\0"
    blocks_at = index_at + len(groups) * GROUP_BYTES + len(padded(names))
    index, blocks = b"", b""
    for name, raw, count in entries:
        index += name + struct.pack("<QQII", blocks_at + len(blocks), len(raw), count, 0) + blake(raw)
        blocks += raw
    answer = b""
    if version != 2:
        raw = b"" if decisions is None else decision_block(decisions)
        flags = (LISTED_ONLY if listed else 0) | (SETTINGS_LEFT_OUT if settings_left_out else 0)
        flags |= HAS_NOTES if any(one["code"] in NOTES for one in decisions or ()) else 0
        answer = struct.pack("<QQII", 0 if decisions is None else blocks_at + len(blocks), len(raw),
                             len(decisions or ()), flags)
        answer += (bytes(32) if decisions is None else blake(raw)) + struct.pack("<QQ", epoch_number, max_age)
        blocks += raw
    content = struct.pack("<QQIIqq", blocks_at + len(blocks), blocks_at, index_at, len(groups), serial,
                          made_at) + references + answer + padded(texts) + index + padded(names)
    digest = blake(content)
    key, signature = bytes(32), bytes(64)
    if sign:
        key = sign[0]
        signature = sign[1](purpose(version) + digest)
    head = struct.pack("<II", version, 1 if sign else 0) + digest + key + signature
    return MAGIC + blake(head, 16) + head + content + blocks


def purpose(version):
    return f"registryd snapshot {version}".encode().ljust(24, b"\0")


def key_pair():
    """(public key in hexadecimal, what snapshot() takes as `sign`)."""
    from cryptography.hazmat.primitives import serialization  # only the tests of signatures need it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex(), (raw, private.sign)


class Snapshot:
    """What stands in a file; every digest is checked."""

    def __init__(self, raw):
        assert raw[:8] == MAGIC and raw[8:24] == blake(raw[24:160], 16)
        self.version, self.flags = struct.unpack_from("<II", raw, 24)
        self.public_key, self.signature = raw[64:96], raw[96:160]
        size, blocks, index, count, self.serial, self.made_at = struct.unpack_from("<QQIIqq", raw, 160)
        assert raw[32:64] == blake(raw[160:blocks])
        self.signed = purpose(self.version) + raw[32:64]
        self.epoch, self.environment, self.question = (self.text(raw, at) for at in (200, 208, 216))
        self.content, self.receipt = raw[:size], raw[size:]
        self.records = {}
        columns = TEXTS_2 if self.version == 2 else TEXTS
        for entry in range(index, index + count * GROUP_BYTES, GROUP_BYTES):
            begin, length, records = struct.unpack_from("<QQI", raw, entry + 8)
            body = raw[begin:begin + length]
            assert raw[entry + 32:entry + 64] == blake(body)
            self.records[self.text(raw, entry)] = [
                {text: self.text(body, (record * len(columns) + i) * 8) for i, text in enumerate(columns)}
                for record in range(records)]
        assert list(self.records) == sorted(self.records, key=str.encode)
        self.decisions = None  # none are known
        if self.version > 2:
            self.read_answer(raw)

    def read_answer(self, raw):
        begin, length, rows, flags = struct.unpack_from("<QQII", raw, 224)
        self.epoch_number, self.max_age = struct.unpack_from("<QQ", raw, 280)
        self.listed, self.settings_left_out = bool(flags & LISTED_ONLY), bool(flags & SETTINGS_LEFT_OUT)
        self.has_notes = bool(flags & HAS_NOTES)
        if not begin:
            return
        body = raw[begin:begin + length]
        assert raw[248:280] == blake(body)
        self.decisions = []
        for row in range(0, rows * DECISION_BYTES, DECISION_BYTES):
            decision = {text: self.text(body, row + i * 8) for i, text in enumerate(DECISION_TEXTS)}
            bits = struct.unpack_from("<I", body, row + len(DECISION_TEXTS) * 8)[0]
            decision["by_name"] = bool(bits & BY_NAME)
            if bits & ENTRY_ONLY:
                decision["entry_only"] = True
            if decision["code"] != "outside-pin" and decision["pin"] is not None:
                decision["successor"], decision["pin"] = decision["pin"], None
            self.decisions.append(decision)
        assert self.has_notes == any(one["code"] in NOTES for one in self.decisions)
        assert self.decisions == sorted(self.decisions, key=decision_key)

    @staticmethod
    def text(raw, at):
        offset, length = struct.unpack_from("<II", raw, at)
        if not offset:
            return None
        assert raw[offset + length] == 0
        return raw[offset:offset + length].decode()
