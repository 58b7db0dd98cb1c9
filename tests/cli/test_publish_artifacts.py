# SPDX-License-Identifier: MIT
"""registryctl publish and check of wheels and sdists: the bytes that leave, what is found before, one
bad among good, progress, the deadline."""

import gzip
import hashlib
import os
import time

import pytest
from reading.archives import MANIFEST, METADATA, make_zip, tar_file, wheel_entries
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl

WHEEL = "crm-1.0-py3-none-any.whl"
SDIST = "crm-1.0.tar.gz"
LATER = b"Metadata-Version: 2.1\nName: crm\nVersion: 1.0\nSummary: Customers\nKeywords: a\n\nText\n"


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


@pytest.fixture
def wheel(tmp_path):
    return write(tmp_path / WHEEL, make_zip(wheel_entries()))


@pytest.fixture
def sdist(tmp_path):
    project = b'[project]\nname = "crm"\nversion = "1.0"\n[project.entry-points.g]\nn = "m:a"\n'
    data = tar_file("crm-1.0/PKG-INFO", METADATA) + tar_file("crm-1.0/pyproject.toml", project) + bytes(1024)
    return write(tmp_path / SDIST, gzip.compress(data))


def write(path, data):
    path.write_bytes(data)
    return path


def run(registry, *arguments):
    return registryctl(*arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="secret")


def accept(registry, *files, created=True, **members):
    for path in files:
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        registry.answer("POST", "/v1/artifacts",
                        {"package": "crm", "version": "1.0", "filename": path.name, "sha256": digest,
                         "size": len(data), "url": f"/files/{digest}/{path.name}", "serial": 5, "epoch": "e",
                         "created": created, "warnings": [], **members}, 201 if created else 200)


# ---- publish ----


def test_the_bytes_are_sent(registry, wheel):
    accept(registry, wheel)
    done = run(registry, "publish", wheel)
    assert (done.code, done.err) == (0, "")
    (request,) = registry.requests
    assert request.query == {"filename": [WHEEL]}
    assert request.headers["Content-Type"] == "application/octet-stream"
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.body == wheel.read_bytes()
    (result,) = done.json
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert (result["outcome"], result["package"], result["version"]) == ("published", "crm", "1.0")
    assert (result["filename"], result["sha256"], result["size"]) == (WHEEL, digest, wheel.stat().st_size)
    assert (result["serial"], result["epoch"], result["url"]) == (5, "e", f"/files/{digest}/{WHEEL}")


def test_a_whole_dist_folder(registry, wheel, sdist):
    accept(registry, wheel, sdist)
    done = run(registry, "publish", wheel, sdist)
    assert done.code == 0
    assert [request.query["filename"] for request in registry.requests] == [[WHEEL], [SDIST]]
    accept(registry, wheel, sdist)
    registry.replies[("POST", "/v1/artifacts")].pop(0)
    table = run(registry, "publish", wheel, sdist, "--format", "table").out
    assert "2 published, 0 unchanged, 0 failed" in table


def test_again_changes_nothing(registry, wheel):
    accept(registry, wheel, created=False)
    assert run(registry, "publish", wheel).json[0]["outcome"] == "unchanged"


def test_a_name_is_encoded(registry, tmp_path):
    metadata = METADATA.replace(b"Version: 1.0\n", b"Version: 1.0+a\n")
    entries = wheel_entries(metadata=metadata)
    renamed = []
    for entry in entries:
        entry.name = entry.name.replace(b"crm-1.0.dist-info", b"crm-1.0+a.dist-info")
        entry.data = entry.data.replace(b"crm-1.0.dist-info", b"crm-1.0+a.dist-info")
        renamed.append(entry)
    path = write(tmp_path / "crm-1.0+a-py3-none-any.whl", make_zip(renamed))
    accept(registry, path)
    assert run(registry, "publish", path).code == 0
    assert registry.requests[0].query == {"filename": ["crm-1.0+a-py3-none-any.whl"]}


def test_a_bad_one_is_not_sent_and_does_not_stop_the_others(registry, tmp_path, wheel, sdist):
    bad = write(tmp_path / "other-2.0-py3-none-any.whl", make_zip(wheel_entries()))
    no_zip = write(tmp_path / "none-1.0-py3-none-any.whl", b"hello")
    accept(registry, wheel, sdist)
    done = run(registry, "publish", wheel, bad, no_zip, sdist)
    assert done.code == 3
    assert [result["outcome"] for result in done.json] == ["published", "failed", "failed", "published"]
    assert len(registry.requests) == 2
    assert f"{bad} was not published" in done.err and f"{no_zip} was not published" in done.err
    assert done.json[2]["errors"][0]["code"] == "malformed"


def test_what_the_registry_refuses_is_told_at_the_end(registry, wheel, sdist):
    registry.problem("POST", "/v1/artifacts", 409, "conflict", "Another file has that name")
    accept(registry, sdist)
    done = run(registry, "publish", wheel, sdist)
    assert done.code == 3
    assert [result["outcome"] for result in done.json] == ["failed", "published"]
    assert "Another file has that name" in done.err


def test_bytes_that_changed_on_the_way(registry, wheel):
    accept(registry, wheel, sha256="0" * 64)
    done = run(registry, "publish", wheel)
    assert done.code == 4 and "other bytes than were sent" in done.err


def test_mixed_with_a_project(registry, tmp_path, wheel):
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "plugin.yaml").write_text("name: hr\nversion: 0.1.0\n")
    accept(registry, wheel)
    registry.answer("PUT", "/v1/packages/hr/releases/0.1.0", {"serial": 6, "created": True})
    done = run(registry, "publish", "--metadata-only", wheel, tmp_path / "hr")
    assert done.code == 0
    assert "filename" not in done.json[1] and "url" not in done.json[1]


def test_a_link_to_a_file_is_followed(registry, tmp_path, wheel):
    (tmp_path / "dist").mkdir()
    link = tmp_path / "dist" / WHEEL
    link.symlink_to(wheel)
    accept(registry, wheel)
    assert run(registry, "publish", link).code == 0


def test_the_deadline_grows_with_the_size(registry, tmp_path):
    """A second is allowed for an exchange, and the answer comes after two: enough only for the large one."""
    padding = os.urandom(900_000)
    big = write(tmp_path / WHEEL, make_zip(wheel_entries(extra=[(f"p/{i}", padding) for i in range(2)])))
    assert big.stat().st_size > 1_700_000
    accept(registry, big)
    registry.replies[("POST", "/v1/artifacts")][0].delay_seconds = 4
    assert run(registry, "publish", big, "--timeout", "1").code == 0
    small = write(tmp_path / "crm-1.0-py2.py3-none-any.whl", make_zip(wheel_entries(
        wheel=b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n")))
    start = time.monotonic()
    done = run(registry, "publish", small, "--timeout", "1")
    assert done.code == 4 and "did not answer" in done.err, done
    assert time.monotonic() - start < 30


# ---- check ----


def test_check_needs_no_registry(wheel, sdist):
    done = registryctl("check", wheel, sdist)
    assert (done.code, [result["outcome"] for result in done.json]) == (0, ["ok", "ok"])
    assert done.json[0]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_check_names_member_line_and_code(tmp_path):
    path = write(tmp_path / WHEEL, make_zip(wheel_entries(entry_points=b"[g]\nno value\na = b:c\n")))
    done = registryctl("check", path)
    findings = done.json[0]["warnings"] + done.json[0]["errors"]
    (finding,) = [item for item in findings if item["code"].startswith("entry-points")]
    assert finding["where"] == f"{path}: crm-1.0.dist-info/entry_points.txt:2"
    table = registryctl("check", path, "--format", "table").out
    assert "entry_points.txt:2" in table and f"[{finding['code']}]" in table


def test_check_strict_counts_the_warnings_of_a_wheel(tmp_path):
    path = write(tmp_path / WHEEL, make_zip(wheel_entries(metadata=LATER.replace(b"2.1", b"2.9"))))
    done = registryctl("check", path)
    assert (done.code, bool(done.json[0]["warnings"])) == (0, True), done.out
    assert registryctl("check", path, "--strict").code == 1


@pytest.mark.parametrize(
    "name, data, code, needle",
    [
        (WHEEL, b"", 1, "zip"),
        ("crm.whl", make_zip(wheel_entries()), 1, "crm.whl"),
        ("crm-1.0.zip", b"PK", 1, ""),
        (SDIST, b"\x1f\x8b\x08", 1, ""),
    ],
)
def test_check_tells_what_is_wrong(tmp_path, name, data, code, needle):
    done = registryctl("check", write(tmp_path / name, data))
    assert done.code == code
    assert needle in done.json[0]["errors"][0]["message"]


@pytest.mark.parametrize("name", ["crm-1.0.tar.bz2", "crm-1.0.tar.xz", "crm-1.0.tgz", "crm-1.0-py3.egg", "crm-1.0.exe", "notes.txt", "release.json"])
def test_a_file_of_another_kind_is_told_which_endings_are_taken(tmp_path, name):
    done = registryctl("check", write(tmp_path / name, b"BZh9"))
    error = done.json[0]["errors"][0]
    assert (done.code, error["code"]) == (1, "artifact-name-invalid")
    assert all(ending in error["message"] for ending in (name, ".whl", ".tar.gz", ".zip"))


@pytest.mark.parametrize(
    "name, version",
    [
        ("crm-1.0.2-2.tar.gz", "1.0.2.post2"),
        ("crm-tools-1.0-rc1.tar.gz", "1.0rc1"),
        ("crm-2.0-dev3.zip", "2.0.dev3"),
        ("crm-1.0-1.zip", "1.0.post1"),
        ("crm-1!1.0-post.tar.gz", "1!1.0.post0"),
    ],
)
def test_a_dash_in_the_version_of_an_sdist_is_told_how_to_write_it(tmp_path, name, version):
    done = registryctl("check", write(tmp_path / name, b"\x1f\x8b" if name.endswith("gz") else b"PK"))
    errors = done.json[0]["errors"]
    assert (done.code, [error["code"] for error in errors]) == (1, ["artifact-name-invalid"])
    assert errors[0]["message"].endswith(f"write it as {version}")


@pytest.mark.parametrize(
    "line, code",
    [
        ("Project-URL: Native media corresponding sources, https://example.org/s", "url-label-invalid"),
        ("Project-URL: Source, example.org", "url-invalid"),
        ("Project-URL: https://example.org/s", "url-invalid"),
    ],
)
def test_a_project_url_has_one_finding(tmp_path, line, code):
    metadata = f"Metadata-Version: 2.1\nName: crm\nVersion: 1.0\n{line}\n\n".encode()
    done = registryctl("check", write(tmp_path / WHEEL, make_zip(wheel_entries(metadata=metadata, extra=[MANIFEST]))))
    assert [error["code"] for error in done.json[0]["errors"]] == [code]
    assert "METADATA:4" in done.json[0]["errors"][0]["where"]
    assert done.json[0]["warnings"] == []


def test_what_is_no_file(tmp_path):
    done = registryctl("check", tmp_path / WHEEL)
    assert done.code == 2 and "The file does not exist" in done.json[0]["error"]["message"]
    os.mkfifo(tmp_path / SDIST)
    done = registryctl("check", tmp_path / SDIST)
    assert done.code == 2 and "regular file" in done.json[0]["error"]["message"]


def test_a_file_over_the_limit_is_not_read(tmp_path):
    path = tmp_path / WHEEL
    path.touch()
    os.truncate(path, 513 * 1024 * 1024)
    done = registryctl("check", path)
    assert done.code == 1
    assert "513 MiB; at most 512 MiB" in done.json[0]["error"]["message"]
    assert registryctl("publish", path).code == 3


def test_a_directory_named_like_an_artifact_is_a_project(tmp_path):
    folder = tmp_path / "crm.zip"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "crm"\nversion = "1"\n')
    assert registryctl("check", folder).code == 0


# ---- on a terminal ----


@pytest.mark.parametrize("columns", [80, 140])
def test_progress_is_one_line_that_is_gone_at_the_end(registry, wheel, sdist, columns):
    accept(registry, wheel, sdist)
    shown = on_terminal("publish", wheel, sdist, columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    assert "\r\x1b[K1 of 2  " in shown
    for piece in shown.split("\r\x1b[K"):
        if " of 2  " in piece:
            assert len(piece) <= columns and "\n" not in piece
    assert "2 published" in shown.rsplit("\r\x1b[K", 1)[1]


def test_no_progress_in_a_pipe_or_for_one(registry, wheel):
    accept(registry, wheel)
    assert "\x1b[K" not in run(registry, "publish", wheel, wheel, "--format", "table").err
    assert " of 1" not in on_terminal("publish", wheel, REGISTRYD_URL=registry.url).out
