# SPDX-License-Identifier: MIT
"""Wheels and sdists: good ones read as Python reads them, hostile ones are refused with their code."""

import email
import gzip
import importlib.metadata
import io
import os
import random
import re
import resource
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from archives import ENTRY_POINTS, MANIFEST, METADATA, Entry, make_sdist, make_zip, pack, pax, sdist_files, tar_file, wheel_entries
from hostile import GOOD, SDIST_NAME, WHEEL_NAME, cases
from packaging.requirements import Requirement
from release_probe import PROBE, ask

HOSTILE = list(cases())


def read(folder, filename, data):
    path = folder / filename
    path.write_bytes(data)
    (answer,) = ask([("artifact", path)])
    return answer


def test_there_are_many_and_each_has_its_name():
    names = [name for name, _, _, _ in HOSTILE]
    assert len(names) == len(set(names)) >= 60
    assert len({code for *_, code in HOSTILE}) >= 60


@pytest.mark.parametrize("name, filename, data, code", HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_archives_are_refused(tmp_path, name, filename, data, code):
    answer = read(tmp_path, filename, data)
    codes = [finding["code"] for finding in answer["errors"]]
    if code is None:
        assert (answer["status"], codes) == ("malformed", []) or name == "empty-zip"
    else:
        assert answer["status"] == "invalid"
        assert code in codes
        assert codes[0] == code or code.startswith(("record-", "entry-points"))
    assert answer["document"] is None


CPU_SECONDS = 2
GROWTH_KIB = 64 * 1024
# Freed memory that the sanitizer keeps back is none that the reader needs.
FRUGAL = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}


def peak_kib(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1])


def growth_kib(good, hostile):
    """What the peak of a reader grows by after a good wheel; None when it died, as of too much time."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))  # noqa: E731
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    peaks = []
    with subprocess.Popen([PROBE], preexec_fn=limit, env=os.environ | FRUGAL, **pipes) as probe:
        for path in (good, hostile):
            probe.stdin.write(f"artifact\t{path}\n")
            if not probe.stdout.readline():
                return None
            peaks.append(peak_kib(probe.pid))
    return peaks[1] - peaks[0]


def test_no_hostile_archive_is_costly(tmp_path):
    """Each in a process that may take two seconds of the processor, sanitizers included."""
    good = tmp_path / WHEEL_NAME
    good.write_bytes(GOOD)
    costly = {}
    for name, filename, data, _ in HOSTILE:
        (tmp_path / name).mkdir()
        (tmp_path / name / filename).write_bytes(data)
        growth = growth_kib(good, tmp_path / name / filename)
        if growth is None or growth > GROWTH_KIB:
            costly[name] = growth
    assert costly == {}


def python_reads_wheel(data):
    """Name, version, entry points and members as zipfile and importlib.metadata see them."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    metadata = email.message_from_bytes(archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))))
    text = b""
    for name in archive.namelist():
        if name.endswith(".dist-info/entry_points.txt"):
            text = archive.read(name)
    points = importlib.metadata.EntryPoints._from_text(text.decode())
    groups = {}
    for point in points:
        groups.setdefault(point.group, {})[point.name] = point.value
    return metadata["Name"], metadata["Version"], groups


def test_a_good_wheel(tmp_path):
    answer = read(tmp_path, WHEEL_NAME, make_zip(wheel_entries(extra=[MANIFEST])))
    document = answer["document"]
    assert answer["status"] == "ok" and not answer["errors"] and not answer["warnings"]
    assert document["name"] == "crm" and document["description"] == "Text\n"
    assert document["entry_points"] == {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}
    assert document["provenance"]["convention"] == "wheel"
    assert document["provenance"]["confidence"] == "artifact"
    assert answer["tags"] == ["py3-none-any"]


def test_tags_are_expanded(tmp_path):
    wheel = b"Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n"
    answer = read(tmp_path, "crm-1.0-1a-py2.py3-none-any.whl", make_zip(wheel_entries(wheel=wheel, extra=[MANIFEST])))
    assert answer["tags"] == ["py2-none-any", "py3-none-any"]
    assert not answer["warnings"]
    answer = read(tmp_path, WHEEL_NAME, make_zip(wheel_entries(wheel=wheel, extra=[MANIFEST])))
    assert [finding["code"] for finding in answer["warnings"]] == ["wheel-tags-mismatch"]


def requirements(texts):
    return [Requirement(text) for text in texts or []]


WHEELS = sorted(Path("/usr/share/python-wheels").glob("*.whl"))


@pytest.mark.parametrize("path", WHEELS, ids=lambda path: path.name)
def test_wheels_of_the_system_read_as_python_reads_them(path):
    (answer,) = ask([("artifact", path)])
    document = answer["document"]
    assert answer["status"] == "ok"
    name, version, groups = python_reads_wheel(path.read_bytes())
    assert (document["name"], document["version"]) == (name, version)
    assert document["entry_points"] == groups
    metadata = importlib.metadata.PathDistribution(zipfile.Path(str(path), f"{name}-{version}.dist-info/")).metadata
    assert document["summary"] == metadata["Summary"]
    assert document["requires_python"] == metadata["Requires-Python"]
    assert document["classifiers"] == metadata.get_all("Classifier")
    assert requirements(document.get("requires_dist")) == requirements(metadata.get_all("Requires-Dist"))
    assert document["authors"] == [{"name": metadata["Author"], "email": metadata["Author-Email"]}]
    urls = dict(text.split(", ", 1) for text in metadata.get_all("Project-URL"))
    assert document["project_urls"] == {**urls, "Homepage": metadata["Home-page"]}
    assert document["description"].strip() == metadata.get_payload().strip()


def mutations(data, count, seed):
    """The data with one to three bytes changed, most of them in headers."""
    chance = random.Random(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            changed[chance.randrange(len(changed))] = chance.choice([0, 1, 8, 255, chance.randrange(256)])
        yield bytes(changed)


def test_what_is_accepted_reads_as_python_reads_it(tmp_path):
    """Damaged wheels and sdists: refused, or the same to both readers."""
    stored = [Entry(entry.name, entry.data, method=0) for entry in wheel_entries()]
    samples = list(mutations(GOOD, 1500, 1)) + list(mutations(make_zip(stored), 1500, 2))
    questions = []
    for number, data in enumerate(samples):
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / WHEEL_NAME
        path.write_bytes(data)
        questions.append(("artifact", path))
    accepted = 0
    for data, answer in zip(samples, ask(questions)):
        if answer["status"] == "ok":
            accepted += 1
            name, version, groups = python_reads_wheel(data)
            assert answer["document"]["name"] == name
            assert answer["document"]["version"] == version
            assert answer["document"].get("entry_points", {}) == groups
    assert 0 < accepted < len(samples) / 2


def python_reads_sdist(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        member = next(each for each in archive.getmembers() if each.name.count("/") == 1 and each.name.endswith("/PKG-INFO"))
        return archive.extractfile(member).read()


def test_damaged_tars_read_as_python_reads_them(tmp_path):
    """The tar inside is damaged, the gzip around it is true."""
    samples = [pack(data, 1) for data in mutations(gzip.decompress(make_sdist(tar_file("crm-1.0/a", b"x" * 700))), 1500, 3)]
    questions = []
    for number, data in enumerate(samples):
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / SDIST_NAME
        path.write_bytes(data)
        questions.append(("artifact", path))
    accepted = 0
    for data, answer in zip(samples, ask(questions)):
        if answer["status"] == "ok":
            accepted += 1
            message = email.message_from_bytes(python_reads_sdist(data))
            assert answer["document"]["name"] == message["Name"]
            summary = "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in message["Summary"]).strip()
            assert answer["document"].get("summary", "") == summary
    assert 0 < accepted < len(samples)


def test_a_good_sdist(tmp_path):
    answer = read(tmp_path, SDIST_NAME, make_sdist())
    assert answer["status"] == "ok" and not answer["warnings"]
    assert answer["document"]["provenance"]["convention"] == "sdist"
    assert answer["document"]["provenance"]["confidence"] == "artifact"


PYPROJECT = b'[project]\nname = "crm"\nversion = "1.0"\n[project.entry-points.g]\nn = "m:a"\n'


@pytest.mark.parametrize(
    "files, expected",
    [
        ({"pyproject.toml": PYPROJECT, "crm.egg-info/entry_points.txt": ENTRY_POINTS}, {"g": {"n": "m:a"}}),
        ({"crm.egg-info/entry_points.txt": ENTRY_POINTS}, {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}),
        ({"src/crm.egg-info/entry_points.txt": ENTRY_POINTS}, {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}),
        ({"tests/data/x.egg-info/entry_points.txt": ENTRY_POINTS}, None),
        ({"pyproject.toml": b"= broken", "crm.egg-info/entry_points.txt": b"[g]\nn = m:a\n"}, {"g": {"n": "m:a"}}),
    ],
)
def test_entry_points_of_an_sdist(tmp_path, files, expected):
    parts = [tar_file("crm-1.0/" + name, data) for name, data in files.items()]
    answer = read(tmp_path, SDIST_NAME, make_sdist(*parts))
    assert answer["status"] == "ok"
    assert answer["document"].get("entry_points") == expected


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("long_part", ["x", "d" * 90 + "/" + "f" * 90, "é" * 20])
def test_sdists_written_by_tarfile(tmp_path, form, long_part):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
        for name, data in {"PKG-INFO": METADATA, long_part: b"x" * 3000, "pyproject.toml": PYPROJECT}.items():
            member = tarfile.TarInfo("crm-1.0/" + name)
            member.size = len(data)
            member.mtime = 1700000000.5 if form == tarfile.PAX_FORMAT else 1700000000
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("crm-1.0/docs/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../pyproject.toml"
        archive.addfile(link)
    answer = read(tmp_path, SDIST_NAME, out.getvalue())
    assert answer["status"] == "ok", answer
    assert answer["document"]["entry_points"] == {"g": {"n": "m:a"}}
    assert answer["document"]["provenance"]["confidence"] == "derived"


def test_a_comment_of_git_archive_is_taken(tmp_path):
    body = b"52 comment=0123456789012345678901234567890123456789\n"
    data = pack(tar_file("pax_global_header", body, kind=b"g") + sdist_files() + b"\0" * 10240)
    assert read(tmp_path, SDIST_NAME, data)["status"] == "ok"
    data = make_sdist(pax(path="crm-1.0/long", mtime="1.5", size="3"), tar_file("crm-1.0/short", b"abc"))
    assert read(tmp_path, SDIST_NAME, data)["status"] == "ok"


def test_sdist_as_zip(tmp_path):
    data = make_zip([Entry(b"crm-1.0/PKG-INFO", METADATA), Entry(b"crm-1.0/pyproject.toml", PYPROJECT)])
    answer = read(tmp_path, "crm-1.0.zip", data)
    assert answer["status"] == "ok"
    assert answer["document"]["entry_points"] == {"g": {"n": "m:a"}}


def test_wheels_written_by_zipfile(tmp_path):
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            for entry in wheel_entries(extra=[("plugins/crm/größe.txt", b"x")]):
                archive.writestr(entry.name.decode(), entry.data)
        answer = read(tmp_path, WHEEL_NAME, out.getvalue())
        assert answer["status"] == "ok", answer


def test_metadata_becomes_a_document(tmp_path):
    metadata = """Metadata-Version: 2.4
Name: crm
Version: 1.0
Summary: UNKNOWN
Author: One
Author-email: "Two, Dr." <two@example.org>, three@example.org
Home-page: https://example.org/
Download-URL: irc://example.org
Project-URL: Source, https://example.org/src
Keywords: a,b , c
License-Expression: MIT
Requires-Python: >=3.9
Requires-Dist: x (>=1)
Description-Content-Type: text/markdown

Text\x0c
"""
    document = read(tmp_path, WHEEL_NAME, make_zip(wheel_entries(metadata=metadata.encode())))["document"]
    assert "summary" not in document
    assert document["authors"] == [
        {"name": "One"},
        {"name": "Two, Dr.", "email": "two@example.org"},
        {"email": "three@example.org"},
    ]
    assert document["project_urls"] == {"Source": "https://example.org/src", "Homepage": "https://example.org/"}
    assert document["keywords"] == ["a", "b", "c"]
    assert document["license_expression"] == "MIT"
    assert document["requires_dist"] == ["x>=1"]
    assert document["description"] == "Text \n"


def test_record_may_quote_and_use_other_line_ends(tmp_path):
    good = wheel_entries()[-1].data.decode()
    quoted = "\r\n".join(f'"{line.split(",")[0]}",' + ",".join(line.split(",")[1:]) for line in good.splitlines())
    assert read(tmp_path, WHEEL_NAME, make_zip(wheel_entries(record=quoted)))["status"] == "ok"


def wheel_with_manifest(text):
    return make_zip(wheel_entries(extra=[("plugins/crm/plugin.yaml", text.encode()), ("plugins/plugin.yaml", b"[")]))


def test_a_wheel_keeps_the_manifest_of_its_plugin(tmp_path):
    answer = read(tmp_path, WHEEL_NAME, wheel_with_manifest("name: crm\nversion: 3.0\x2e1\nrouters: [plugins.crm:router]\n"))
    assert answer["status"] == "ok"
    manifest = {"name": "crm", "version": "3.0.1", "routers": ["plugins.crm:router"]}
    assert answer["document"]["manifests"] == {"honeyframe.plugins": {"crm": manifest}}
    assert answer["document"]["version"] == "1.0"


@pytest.mark.parametrize(
    "text, code, line",
    [("name: sales\nversion: 3.0.1\n", "name-mismatch", "1: name"), ("name: crm\nversion: [\n", "manifest-invalid", "3")],
)
def test_a_wheel_with_a_bad_manifest_is_refused(tmp_path, text, code, line):
    answer = read(tmp_path, WHEEL_NAME, wheel_with_manifest(text))
    assert answer["status"] == "invalid"
    assert [finding["code"] for finding in answer["errors"]] == [code]
    assert answer["errors"][0]["where"].endswith(f"{WHEEL_NAME}: plugins/crm/plugin.yaml:{line}")
