# SPDX-License-Identifier: MIT
"""Wheels and sdists over HTTP: published whole, once and for ever, in agreement with their release; sent
back byte by byte; hostile ones refused with their own code; and a reader that dies harms nobody."""

import concurrent.futures
import hashlib
import sys

import pytest

from support.artifacts import form, sdist, wheel
from support.daemon import SOURCE_DIR, Daemon

sys.path.append(str(SOURCE_DIR / "tests" / "reading"))
from hostile import cases  # noqa: E402

HOSTILE = list(cases())
RAW = {"Content-Type": "application/octet-stream"}
GROUP = "artifact.plugins"
MIB = 1024 * 1024


def entry_points(value):
    return f"[{GROUP}]\nentry = {value}\n"


def send(daemon, filename, data, **options):
    return daemon.post(f"/v1/artifacts?filename={filename}", data, headers=RAW, **options)


def sent(daemon, filename, data, status=201):
    answer = send(daemon, filename, data)
    assert answer.status == status, answer.body
    return answer.json


def release_of(daemon, name, version="1.0"):
    answer = daemon.get(f"/v1/packages/{name}/releases/{version}")
    return answer.json if answer.status == 200 else None


def test_a_wheel_is_a_release(registry):
    name = registry.new_name("whole.")
    filename, data = wheel(name.replace(".", "_"), "1.0", entry_points("m:a"), tag="py2.py3-none-any",
                           Summary="Sum", Requires_Python=">=3.8", Requires_Dist=["b>=1", "a"],
                           body="# Title\n")
    answer = send(registry, filename, data)
    assert answer.status == 201, answer.body
    normal, digest = name.replace(".", "-"), hashlib.sha256(data).hexdigest()
    url = f"/files/{digest}/{filename}"
    told = answer.json
    assert answer.headers["Location"] == url
    assert answer.headers["X-Registry-Serial"] == str(told["serial"])
    assert {**told, "serial": 0, "epoch": "", "epoch_number": 0} == {
        "package": normal, "version": "1.0", "filename": filename, "sha256": digest,
        "size": len(data), "url": url, "serial": 0, "epoch": "", "epoch_number": 0, "created": True, "warnings": []}
    release = release_of(registry, normal)
    document = release["document"]
    assert document["entry_points"] == {GROUP: {"entry": "m:a"}}
    assert (document["summary"], document["requires_python"]) == ("Sum", ">=3.8")
    assert sorted(document["requires_dist"]) == ["a", "b>=1"]
    (row,) = release["artifacts"]
    assert row["uploaded_at"] and row["uploaded_by"] == release["published_by"]
    assert {k: v for k, v in row.items() if not k.startswith("uploaded_")} == {"filename": filename, "kind": "wheel", "size": len(data), "sha256": digest,
                   "tags": ["py2-none-any", "py3-none-any"], "url": url}
    package = registry.get(f"/v1/packages/{normal}").json
    assert package["releases"] == [{k: release[k] for k in package["releases"][0]}]
    # at once, without min_serial
    records = registry.resolve(f"group={GROUP}")["records"]
    assert [r["value"] for r in records if r["package"] == normal] == ["m:a"]
    kinds = [(change["kind"], change["package"], change["version"]) for change in
             registry.get(f"/v1/changes?since={told['serial'] - 2}").json["changes"]]
    assert kinds == [("publish", normal, "1.0"), ("artifact", normal, "1.0")]
    audit = registry.sql("SELECT action, subject, detail->>'sha256' FROM audit_events ORDER BY id DESC"
                         " LIMIT 2")
    assert audit[0] == ["artifact", f"{normal} 1.0", digest]
    assert audit[1][:2] == ["publish", f"{normal} 1.0"]


def test_the_same_again_is_no_news_and_other_bytes_are_refused(registry, refused):
    filename, data = wheel(registry.new_name(), "1.0")
    first = sent(registry, filename, data)
    again = sent(registry, filename, data, status=200)
    assert again == {**first, "created": False}
    assert registry.get("/v1").json["serial"] == first["serial"]
    problem = refused(send(registry, filename, data + b"\0"), 409, "conflict")
    assert "different content" in problem["detail"]
    assert registry.get(first["url"]).body == data


def test_many_send_the_same_at_once(registry):
    filename, data = wheel(registry.new_name(), "1.0", files={"m.py": b"#" * 300_000})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(registry, filename, data), range(8)))
    assert sorted({answer.status for answer in answers}) in ([200, 201], [200, 201, 429])
    assert [answer.status for answer in answers].count(201) == 1
    assert registry.sql(f"SELECT count(*) FROM artifacts WHERE filename = '{filename}'") == [["1"]]
    assert registry.get(answers[0].json["url"]).body == data


def test_other_bytes_of_one_name_at_once(registry):
    """One of them is the file; a sender of other bytes never gets a success."""
    for _ in range(4):
        name = registry.new_name()
        files = [wheel(name, "1.0", files={"m.py": b"#" * number}) for number in range(1, 5)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda file: send(registry, *file), files))
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409], [answer.body for answer in answers]
        kept = registry.get(next(answer.json["url"] for answer in answers if answer.status == 201)).body
        assert [data for (_, data), answer in zip(files, answers) if answer.status == 201] == [kept]


def test_files_of_one_release_come_at_once(registry):
    name = registry.new_name()
    files = [wheel(name, "1.0", entry_points("m:a"), tag=f"py3-none-plat{number}")
             for number in range(6)] + [sdist(name, "1.0")]
    with concurrent.futures.ThreadPoolExecutor(7) as pool:
        answers = list(pool.map(lambda file: send(registry, *file), files))
    # The sdist knows no entry points: when it was first, the first wheel adds them.
    assert [answer.status for answer in answers] == [201] * 7, [answer.body for answer in answers]
    release = release_of(registry, name)
    assert len(release["artifacts"]) == 7 and release["document"]["entry_points"] == {GROUP: {"entry": "m:a"}}
    assert registry.sql("SELECT count(*) FROM releases r JOIN packages p ON p.id = package_id"
                        f" WHERE p.name = '{name}'") == [["1"]]


def test_an_sdist_joins_its_wheel(registry):
    name = registry.new_name()
    fields = {"Summary": "One", "Requires_Python": ">=3.8"}
    sent(registry, *wheel(name, "1.0", entry_points("m:a"), **fields))
    told = sent(registry, *sdist(name, "1.0", **fields))
    assert told["warnings"] == []
    release = release_of(registry, name)
    assert [row["kind"] for row in release["artifacts"]] == ["wheel", "sdist"]
    assert [row["tags"] for row in release["artifacts"]] == [["py3-none-any"], []]
    assert release["document"]["provenance"]["convention"] == "wheel"


@pytest.mark.parametrize("changed, where", [
    ({"value": "m:b"}, "/entry_points"),
    ({"value": None}, "/entry_points"),
])
def test_what_hosts_act_on_must_agree(registry, refused, changed, where):
    name = registry.new_name()
    fields = {"Summary": "S", "Requires_Python": ">=3.8", "Requires_Dist": ["a", "b"]}
    good = entry_points(f"{name}_m:a")  # a module that no other package has
    sent(registry, *wheel(name, "1.0", good, **fields))
    before = registry.get("/v1").json["serial"]
    merged = {**fields, **changed}
    value = merged.pop("value", f"{name}_m:a")
    filename, data = wheel(name, "1.0", entry_points(value) if value else "", tag="py3-none-x",
                           **merged)
    problem = refused(send(registry, filename, data), 409, "conflict")
    assert [(e["code"], e["where"]) for e in problem["errors"]] == [("release-differs", where)]
    assert registry.get("/v1").json["serial"] == before
    told = sent(registry, *wheel(name, "1.0", good, tag="py3-none-x", **fields))
    assert told["warnings"] == [] and told["serial"] == before + 1


def test_one_version_has_one_spelling(registry, refused):
    name = registry.new_name()
    sent(registry, *wheel(name, "1.0"))
    problem = refused(send(registry, *wheel(name, "1.0.0")), 409, "conflict")
    assert "the same version" in problem["detail"]


@pytest.mark.parametrize("status", ["archived", "quarantined"])
def test_a_closed_package_takes_no_files(registry, refused, status):
    name = registry.new_name()
    url = sent(registry, *wheel(name, "1.0"))["url"]
    registry.sql(f"UPDATE packages SET status = '{status}' WHERE name = '{name}'")
    expected = (403, "forbidden") if status == "quarantined" else (409, "conflict")
    refused(send(registry, *wheel(name, "1.0", tag="py3-none-x")), *expected)
    refused(send(registry, *wheel(name, "1.1")), *expected)
    assert registry.get(url).status == (403 if status == "quarantined" else 200)


def test_what_is_kept_is_kept(registry):
    sent(registry, *wheel(registry.new_name(), "1.0"))
    for table in ("artifacts", "blobs", "blob_pieces"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET sha256 = sha256"):
            with pytest.raises(RuntimeError, match="kept for ever"):
                registry.sql(statement)


# ---- the request ----

def test_a_token_is_needed(registry, refused):
    filename, data = wheel(registry.new_name(), "1.0")
    refused(send(registry, filename, data, token=None), 401, "unauthorized")


def test_a_form_is_as_good(registry):
    filename, data = wheel(registry.new_name(), "1.0")
    content_type, body = form(filename, data)
    answer = registry.post("/v1/artifacts", body, headers={"Content-Type": content_type})
    assert answer.status == 201, answer.body
    assert registry.get(answer.json["url"]).body == data
    assert sent(registry, filename, data, status=200)["sha256"] == answer.json["sha256"]


@pytest.mark.parametrize("content_type, body, status, code", [
    ("multipart/form-data", b"", 400, "malformed"),
    ("multipart/form-data; boundary=x", b"--y\r\n", 400, "malformed"),
    ("multipart/form-data; boundary=x", b"--x--\r\n", 400, "malformed"),
    ("multipart/form-data; boundary=x", form("a-1.0.tar.gz", b"1", "x")[1][:-9], 400, "malformed"),
    ("multipart/form-data; boundary=x", form("a-1.0.tar.gz", b"1", "x")[1] + b"more", 400, "malformed"),
    ("multipart/form-data; boundary=x", form("a.txt", b"1", "x")[1], 422, "invalid"),
    ("multipart/form-data; boundary=x", form("a-1.0.tar.gz", b"", "x")[1], 400, "malformed"),
    ("multipart/form-data; boundary=x", form("a-1.0.tar.gz", b"1", "x")[1].replace(
        b"--x--", b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n--x--'), 400, "malformed"),
    ("text/plain", b"x", 415, "unsupported-media"),
    ("application/json", b"{}", 415, "unsupported-media"),
    ("application/octet-stream", b"x", 400, "usage"),
])
def test_bad_bodies(registry, refused, content_type, body, status, code):
    refused(registry.post("/v1/artifacts", body or b"\r\n", headers={"Content-Type": content_type}),
            status, code)


@pytest.mark.parametrize("filename", [
    "crm.whl", "crm-1.0.tar.bz2", "crm-1.0-py3-none-any.whl.exe", "..%2Fcrm-1.0.tar.gz", "crm-one.tar.gz",
    "crm-1.0-py3-none-any%22.whl", "c%C3%A4m-1.0.tar.gz", "crm-1.0%20.tar.gz", "-1.0.tar.gz",
    "c" * 250 + "-1.0.tar.gz", "crm-1.0-py3-none-a;b.whl",
])
def test_bad_names(registry, refused, filename):
    problem = refused(send(registry, filename, b"x"), 422, "invalid")
    assert [e["code"] for e in problem["errors"]] == ["artifact-name-invalid"]


@pytest.mark.parametrize("name, filename, data, code", HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_files_are_refused_with_their_code(registry, refused, name, filename, data, code):
    before = registry.get("/v1").json["serial"]
    answer = registry.post("/v1/artifacts", form(filename, data)[1],
                           headers={"Content-Type": form(filename, data)[0]})
    if code is None:
        refused(answer, 400 if name != "empty-zip" else answer.status,
                "malformed" if name != "empty-zip" else answer.json["code"])
    else:
        problem = refused(answer, 422, "invalid")
        assert code in [error["code"] for error in problem["errors"]]
    assert registry.get("/v1").json["serial"] == before
    assert "extractor-" not in registry.log()


# ---- the bytes ----

@pytest.fixture(scope="module")
def stored(registry):
    """(address, bytes) of a file of several pieces."""
    random = hashlib.shake_256(b"pieces").digest(700_000)
    filename, data = wheel("pieces", "1.0", files={"data.bin": random})
    assert len(data) > 2 * 256 * 1024
    return sent(registry, filename, data)["url"], data


def test_a_file_comes_back(registry, stored):
    url, data = stored
    answer = registry.get(url)
    assert (answer.status, answer.body) == (200, data)
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == 'attachment; filename="pieces-1.0-py3-none-any.whl"'
    assert headers["Content-Encoding"] is None
    head = registry.request("HEAD", url, headers={"Range": "bytes=0-1"})
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(data)))
    packed = registry.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed.body == data
    again = registry.get(url, headers={"If-None-Match": headers["ETag"], "Range": "bytes=0-1"})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("wanted, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=262143-262144", 262143, 262144),
    ("bytes=262144-", 262144, None), ("bytes=-5", -5, None), ("bytes=-99999999", 0, None),
    ("bytes=100-99999999999999999999999", 100, None), ("Bytes=1-2", 1, 2),
])
def test_ranges(registry, stored, wanted, first, last):
    url, data = stored
    answer = registry.get(url, headers={"Range": wanted})
    expected = data[first:None if last is None else last + 1]
    assert (answer.status, answer.body) == (206, expected)
    begin = first % len(data)
    assert answer.headers["Content-Range"] == \
        f"bytes {begin}-{begin + len(expected) - 1}/{len(data)}"
    assert answer.headers["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "bytes=5-4", "bytes=-", "bytes=", "lines=1-2",
                                    "bytes=a-b", "bytes=1-2x", "bytes= 1-2"])
def test_other_ranges_get_the_whole(registry, stored, wanted):
    url, data = stored
    answer = registry.get(url, headers={"Range": wanted})
    assert (answer.status, answer.body) == (200, data)


@pytest.mark.parametrize("wanted", ["bytes={size}-", "bytes=99999999999999999999-", "bytes=-0"])
def test_ranges_behind_the_end(registry, stored, refused, wanted):
    url, data = stored
    answer = registry.get(url, headers={"Range": wanted.format(size=len(data))})
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"
    refused(answer, 416, "range-not-satisfiable")


def test_if_range(registry, stored):
    url, data = stored
    tag = f'"{hashlib.sha256(data).hexdigest()}"'
    for value, status in ((tag, 206), (f"W/{tag}", 200), ('"other"', 200),
                          ("Sat, 01 Jan 2022 00:00:00 GMT", 200)):
        answer = registry.get(url, headers={"Range": "bytes=0-9", "If-Range": value})
        assert (answer.status, len(answer.body)) == (status, 10 if status == 206 else len(data))


@pytest.mark.parametrize("change", [
    lambda digest, name: (digest.upper(), name), lambda digest, name: ("0" * 64, name),
    lambda digest, name: (digest[:-1], name), lambda digest, name: (digest, "x-" + name),
    lambda digest, name: (digest, name.upper()), lambda digest, name: (digest + "0", name),
])
def test_a_file_has_one_address(registry, stored, refused, change):
    _, _, digest, name = stored[0].split("/")
    refused(registry.get("/files/{}/{}".format(*change(digest, name))), 404, "not-found")


# ---- limits ----

def padded_wheel(name, size):
    """A wheel of exactly so many bytes, that are no text."""
    def of(pad):
        filename, data = wheel(name, "1.0", files={"pad.bin": hashlib.shake_256(b"pad").digest(pad)})
        return filename, data
    pad = size - len(of(0)[1])
    for _ in range(20):
        filename, data = of(pad)
        if len(data) == size:
            return filename, data
        pad += size - len(data)
    raise AssertionError("no such size")


@pytest.fixture(scope="module")
def small(cluster):
    """A registry that takes files of one MiB."""
    with Daemon(arguments=["--database-url", cluster.create_database(), "--max-artifact", "1"],
                environment={"ASAN_OPTIONS": "use_sigaltstack=0:quarantine_size_mb=8"}) as daemon:
        yield daemon


def test_the_limit_is_exact(small, refused):
    fits = padded_wheel("fits", MIB)
    over = padded_wheel("over", MIB + 1)
    for filename, data in (over, fits):
        status = 201 if len(data) == MIB else 413
        content_type, body = form(filename, data)
        answer = small.post("/v1/artifacts", body, headers={"Content-Type": content_type})
        assert answer.status == status, answer.body
        assert send(small, filename, data).status == (200 if status == 201 else 413)
    problem = refused(send(small, *over), 413, "too-large")
    assert str(MIB) in problem["detail"]
    refused(send(small, "huge-1.0.tar.gz", b"x" * (4 * MIB)), 413, "too-large")


def memory_mib(daemon):
    text = open(f"/proc/{daemon.process.pid}/status", encoding="utf-8").read()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def test_memory_comes_back(cluster):
    with Daemon(arguments=["--database-url", cluster.create_database()],
                environment={"ASAN_OPTIONS": "use_sigaltstack=0:quarantine_size_mb=8"}) as daemon:
        large = hashlib.shake_256(b"large").digest(12 * MIB)

        def round_trip(number):
            filename, data = wheel(f"large{number}", "1.0", files={"large.bin": large})
            answer = sent(daemon, filename, data)
            assert hashlib.sha256(daemon.get(answer["url"]).body).hexdigest() == answer["sha256"]
        round_trip(0)
        before = memory_mib(daemon)
        for number in range(1, 7):
            round_trip(number)
        assert memory_mib(daemon) - before < 24


# ---- a reader that fails ----

# What it does stands in the name of the file.
READER = """#!/bin/sh
read -r task name || exit 0
case $name in
crash*) kill -9 $$ ;;
fails*) exit 3 ;;
closes*) exec 1>&-; sleep 60 ;;
hangs*) sleep 60 ;;
floods*) while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done ;;
silent*) exit 0 ;;
babbles*) echo 'no answer' ;;
denies*) echo '{"status":"unauthorized","where":"","message":"","errors":[],"warnings":[],"groups":[],"release":null,"artifact":null}' ;;
greedy*) echo '{"status":"no-memory","where":"","message":"","errors":[],"warnings":[],"groups":[],"release":null,"artifact":null}' ;;
empty*) echo '{"status":"ok","where":"","message":"","errors":[],"warnings":[],"groups":[],"release":{},"artifact":null}' ;;
lies*) echo '{"status":"ok","where":"","message":"","errors":[],"warnings":[],"groups":[],"release":{"name":"other","version":"1.0"},"artifact":{"wheel":false,"tags":[],"metadata":"","generator":null,"folders":{}}}' ;;
esac
"""


@pytest.fixture(scope="module")
def failing(cluster, tmp_path_factory):
    program = tmp_path_factory.mktemp("reader") / "reader"
    for folder in [program.parent, *program.parents[1:3]]:
        folder.chmod(0o755)
    program.write_text(READER)
    program.chmod(0o755)
    with Daemon(arguments=["--database-url", cluster.create_database(), "--extractor",
                           str(program)]) as daemon:
        yield daemon


@pytest.mark.parametrize("what, code", [
    ("crash", "extractor-crashed"), ("fails", "extractor-crashed"), ("silent", "extractor-crashed"),
    ("babbles", "extractor-crashed"), ("denies", "extractor-crashed"), ("greedy", "extractor-crashed"),
    ("empty", "extractor-crashed"), ("floods", "extractor-crashed"),
    ("lies", "metadata-name-mismatch"),
])
def test_a_reader_that_fails_costs_one_file(failing, refused, what, code):
    before = failing.log().count("event=extractor-")
    problem = refused(send(failing, f"{what}-1.0.tar.gz", b"x"), 422, "invalid")
    assert code in [error["code"] for error in problem["errors"]]
    expected = before + code.startswith("extractor-")
    assert failing.log().count("event=extractor-") == expected
    assert failing.get("/readyz").status == 200
    assert failing.get(f"/v1/packages/{what}").status == 404


def test_readers_that_hang_are_ended_and_their_number_is_bounded(failing, refused):
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(send, failing, f"{what}{number}-1.0.tar.gz", b"x", timeout=60)
                   for number in range(3) for what in ("hangs", "closes")]
        while not failing.log().count("event=extractor-timeout"):
            assert failing.get("/healthz").status == 200  # and nobody waits for them
        problems = [answer.result() for answer in answers]
    codes = [problem.json["errors"][0]["code"] for problem in problems if problem.status == 422]
    assert codes and set(codes) == {"extractor-timeout"}
    assert {problem.status for problem in problems} <= {422, 429}


def test_without_its_reader_registryd_does_not_start(cluster):
    daemon = Daemon(arguments=["--database-url", cluster.create_database(), "--extractor", "/nowhere"],
                    start=False)
    try:
        daemon.start(wait=None)
        assert daemon.process.wait(60) == 5
        assert "/nowhere" in daemon.log() and "--extractor" in daemon.log()
    finally:
        daemon.close()
