# SPDX-License-Identifier: MIT
"""Wheels: how often a second one is read here, and how often with Python's own readers.

Both begin at the bytes, take processor time, and do the same: digest of the whole, the names of all members, METADATA, WHEEL,
entry_points.txt and RECORD with their requirements, tags and digests, every row of RECORD against its
member, the file's name against the metadata.
"""

import base64
import csv
import email
import hashlib
import importlib.metadata
import io
import random
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from tools import BUILD_DIR, median

from support.artifacts import wheel  # isort: skip (tools makes it found)

LARGE_WHEELS = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))


def module(rng):
    """Some lines that pack about as well as code does."""
    words = [f"{rng.choice('abcdefgh')}{rng.randrange(3000)}" for _ in range(60)]
    body = [f"    {rng.choice(words)} = {rng.choice(words)}({rng.choice(words)}, {rng.randrange(99)})\n"
            for _ in range(60)]  # fmt: skip
    return f"def {words[0]}({words[1]}):\n{''.join(body)}".encode()


def plugin_wheel(folder):
    """A wheel as a plugin has it: 30 modules, a few templates, a page of description."""
    rng = random.Random(1)
    files = {f"plugins/crm/part{n}/module{n}.py": module(rng) for n in range(30)}
    files |= {f"plugins/crm/templates/page{n}.html": module(rng) for n in range(6)}
    filename, data = wheel(
        "honeyframe-crm", "3.4.1", "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n", files=files,
        Summary="Customers", Requires_Python=">=3.9", Author_email="CRM team <crm@example.org>",
        Classifier=["Framework :: FastAPI", "Programming Language :: Python :: 3"],
        Requires_Dist=["fastapi>=0.100", "sqlalchemy>=2,<3", "tomli; python_version < '3.11'",
                       "openpyxl>=3; extra == 'excel'"],
        Provides_Extra="excel", body="# CRM\n\n" + "Customers and what they bought.\n" * 60,
    )  # fmt: skip
    (folder / filename).write_bytes(data)
    return folder / filename


def record_digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def dist_info_of(members):
    (info,) = {name.split("/")[0] for name in members if name.split("/")[0].endswith(".dist-info")}
    return info


def check_texts(filename, metadata, requirements, stated):
    name, version, _, tags = parse_wheel_filename(filename)
    assert canonicalize_name(metadata["Name"]) == name and Version(metadata["Version"]) == version
    assert set(stated.get_all("Tag")) == {str(tag) for tag in tags}
    SpecifierSet(metadata["Requires-Python"])
    return [Requirement(text) for text in requirements or []]


def check_record(rows, members, loaded):
    """`rows`: {path: (digest, size)}"""
    assert rows.keys() == {name for name in members if not name.endswith("/")}
    for path, (digest, size) in rows.items():
        assert size is None or members[path].file_size == size
        assert not digest or path not in loaded or record_digest(loaded[path]) == digest


def read_with_importlib(filename, data):
    """As a program does it: with the standard library's reader of distributions."""
    hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member.filename: member for member in archive.infolist()}
        info = dist_info_of(members)
        distribution = importlib.metadata.PathDistribution(zipfile.Path(archive, f"{info}/"))
        stated = email.message_from_string(distribution.read_text("WHEEL"))
        check_texts(filename, distribution.metadata, distribution.requires, stated)
        rows = {str(file): (file.hash and file.hash.value, file.size) for file in distribution.files}
        loaded = {f"{info}/{file}": archive.read(f"{info}/{file}")
                  for file in ("METADATA", "WHEEL", "entry_points.txt")}  # fmt: skip
        check_record(rows, members, loaded)
        return list(distribution.entry_points)


def read_by_hand(filename, data):
    """The least that does it: zipfile, email and csv, each member read once."""
    hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member.filename: member for member in archive.infolist()}
        info = dist_info_of(members)
        loaded = {f"{info}/{file}": archive.read(f"{info}/{file}")
                  for file in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}  # fmt: skip
    metadata = email.message_from_bytes(loaded[f"{info}/METADATA"])
    stated = email.message_from_bytes(loaded[f"{info}/WHEEL"])
    check_texts(filename, metadata, metadata.get_all("Requires-Dist"), stated)
    lines = csv.reader(loaded[f"{info}/RECORD"].decode().splitlines())
    rows = {path: (digest.removeprefix("sha256="), int(size) if size else None) for path, digest, size in lines}
    check_record(rows, members, loaded)
    return list(importlib.metadata.EntryPoints._from_text(loaded[f"{info}/entry_points.txt"].decode()))


def ours(path):
    """Milliseconds of processor time: (to read the wheel, to make its digest)."""
    done = subprocess.run([BUILD_DIR / "bench/bench_wheels", path], text=True, capture_output=True, check=True)
    return [float(word) for word in done.stdout.split()]


def milliseconds_of(work):
    start = time.process_time()
    done = 0
    while time.process_time() - start < 0.5:
        work()
        done += 1
    return (time.process_time() - start) * 1e3 / done


def theirs(path):
    """Milliseconds: (with importlib.metadata, by hand, the digest)."""
    data = path.read_bytes()
    assert read_with_importlib(path.name, data) == read_by_hand(path.name, data)
    return (
        milliseconds_of(lambda: read_with_importlib(path.name, data)),
        milliseconds_of(lambda: read_by_hand(path.name, data)),
        milliseconds_of(lambda: hashlib.sha256(data).hexdigest()),
    )


def measure(rounds):
    """(what, its bytes, ours() in ms, theirs() in ms), measured in turns."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {"a plugin's wheel": plugin_wheel(Path(folder))}
        paths |= {"pip's wheel": path for path in LARGE_WHEELS}
        for what, path in paths.items():
            here, there = [], []
            for _ in range(rounds):
                here.append(ours(path))
                there.append(theirs(path))
            yield what, path.stat().st_size, medians(here), medians(there)


def medians(pairs):
    return tuple(median(column) for column in zip(*pairs))
