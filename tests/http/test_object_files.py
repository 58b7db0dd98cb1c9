# SPDX-License-Identifier: MIT
"""Files in an object store: where their bytes are, what a failed upload leaves (nothing), what works while the store is
away, and which requests it never sees. test_api_artifacts.py, test_legacy.py and test_kill_uploads.py run over it as well
(REGISTRYD_TEST_FILES=objects)."""

import concurrent.futures
import hashlib
import os
import random
import socket
import stat
import subprocess
import time

import pytest

from support.artifacts import wheel
from support.daemon import PROGRAM
from support.object_store import Gate, ObjectStore, free_port
from support.postgres import wait_until
from support.registry import Registry

RAW = {"Content-Type": "application/octet-stream"}
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
MIB = 1024 * 1024


class Stored(Registry):
    """A registry whose files are objects, which may come through a gate."""

    def __init__(self, cluster, store, *arguments, gate=None):
        self.store, self.prefix = store, f"stored{next(store.prefixes)}"
        self.more = [*store.arguments(self.prefix, gate and gate.endpoint), *arguments]
        super().__init__(cluster)

    def command(self, arguments=()):
        return super().command([*self.more, *arguments])

    def _environment(self):
        return super()._environment() | self.store.environment

    def objects(self):
        """{key: bytes} below the prefix."""
        return {key[len(self.prefix) + 1:]: data for key, data in self.store.objects().items()
                if key.startswith(self.prefix + "/")}

    def known(self):
        """{key: digest} of what files refer to."""
        return dict(self.sql("SELECT key, encode(sha256, 'hex') FROM blob_objects"))

    def claims(self):
        return int(self.sql("SELECT count(*) FROM object_claims")[0][0])

    def send(self, filename, data):
        return self.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)

    def upload(self, name, size=5000, version="1.0"):
        filename, data = wheel(name, version, files={"pad.bin": random.Random(name).randbytes(size)})
        answer = self.send(filename, data)
        assert answer.status == 201, answer.body
        return answer.json["url"], data

    def is_tidy(self):
        """Every object is a file's, whole, and every file has its object."""
        objects, known = self.objects(), self.known()
        return set(objects) == set(known) and self.claims() == 0 and all(
            hashlib.sha256(data).hexdigest() == known[key] for key, data in objects.items())


@pytest.fixture(scope="module")
def store():
    with ObjectStore() as running:
        yield running


@pytest.fixture(scope="module")
def registry(cluster, store):
    with Stored(cluster, store, "--files-grace-seconds", "2") as running:
        yield running


@pytest.fixture(scope="module")
def gate(store):
    running = Gate(store.port)
    yield running
    running.close()


@pytest.fixture(scope="module")
def gated(cluster, store, gate):
    """Through the gate, and with a second's patience for an upload."""
    with Stored(cluster, store, "--files-grace-seconds", "1", gate=gate) as running:
        yield running


def test_bytes_are_an_object_and_nothing_else(registry):
    url, data = registry.upload("placed")
    digest = hashlib.sha256(data).hexdigest()
    (key,) = [key for key, known in registry.known().items() if known == digest]
    assert key.startswith(f"{digest[:2]}/{digest}-")
    assert registry.objects()[key] == data
    assert registry.sql(f"SELECT count(*) FROM blob_pieces WHERE sha256 = decode('{digest}', 'hex')") == [["0"]]
    assert registry.get(url).body == data
    assert registry.is_tidy()


def test_same_bytes_under_another_name_are_one_object(registry):
    url, data = registry.upload("twice")
    before = registry.objects()
    again = registry.send("twice-1.0-1-py3-none-any.whl", data)
    assert again.status == 201
    assert registry.objects() == before
    assert registry.get(again.json["url"]).body == data


def test_many_send_the_same_bytes_at_once(registry):
    for number in range(4):
        filename, data = wheel(f"racing{number}", "1.0", files={"pad.bin": os.urandom(300_000)})
        tagged = [filename, *(filename.replace("-py3", f"-{build}-py3") for build in (1, 2))]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda name: registry.send(name, data), tagged * 3))
        assert {answer.status for answer in answers} <= {200, 201}, [a.body for a in answers if a.status > 201]
        assert sum(digest == hashlib.sha256(data).hexdigest() for digest in registry.known().values()) == 1
        assert registry.get(answers[0].json["url"]).body == data
    assert registry.is_tidy()


def test_refused_uploads_leave_nothing(registry):
    filename, data = wheel("refusing", "1.0", "[some.group]\na = m:a\n")
    assert registry.send(filename, data).status == 201
    before = registry.objects()
    other = wheel("refusing", "1.0", "[some.group]\na = m:b\n")[1]
    assert registry.send(filename, other).status == 409  # other bytes under the name
    assert registry.send(filename.replace("-py3", "-1-py3"), other).status == 409  # another release
    closed = registry.new_name("closed")
    assert registry.put(f"/v1/packages/{closed}/releases/0.1", {"name": closed, "version": "0.1"}).status == 201
    registry.sql(f"UPDATE packages SET status = 'archived' WHERE name = '{closed}'")
    assert registry.send(*wheel(closed, "1.0")).status in (403, 409)
    dry = registry.post("/v1/check?filename=" + filename, other, headers=RAW)
    assert dry.status in (200, 409, 422)
    assert registry.objects() == before
    assert registry.is_tidy()


def test_while_the_store_is_away_metadata_is_served_and_nothing_is_half_made(registry, refused):
    url, data = registry.upload("staying", 2 * MIB)
    counts = "SELECT (SELECT count(*) FROM blobs), (SELECT count(*) FROM releases), (SELECT serial FROM registry)"
    before = registry.sql(counts)
    with registry.store.away():
        begun = time.monotonic()
        problem = refused(registry.send(*wheel("leaving", "1.0")), 503, "unavailable")
        assert "store of files" in problem["detail"] and "127.0.0.1" not in problem["detail"]
        refused(registry.get(url), 503, "unavailable")
        assert time.monotonic() - begun < 10
        (file,) = registry.get("/simple/staying/", headers=JSON).json["files"]
        assert registry.get(url + ".metadata").status == 200
        assert registry.request("HEAD", url).headers["Content-Length"] == str(file["size"])
        assert registry.get("/readyz").status == 200
        assert registry.get("/v1/resolve?group=some.group").status == 200
        registry.publish(registry.new_name("meta"), "1.0", {"some.group": {"x": "m:x"}})
    after = registry.sql(counts)
    assert after[0][0] == before[0][0] and int(after[0][1]) == int(before[0][1]) + 1  # the one of metadata alone
    assert registry.get("/v1/packages/leaving").status == 404
    wait_until(lambda: registry.get(url).status == 200)
    assert registry.get(url).body == data
    assert registry.send(*wheel("leaving", "1.0")).status == 201
    wait_until(registry.is_tidy)


@pytest.mark.skipif("REGISTRYD_LONG" not in os.environ, reason="waits ten seconds: a long test")
def test_a_store_that_hangs_costs_only_who_needs_it(registry):
    url, _ = registry.upload("hung")
    with registry.store.hanging(), concurrent.futures.ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(registry.get, url) for _ in range(60)]  # registryd has 64 threads
        time.sleep(0.3)
        for path in ("/simple/", "/v1/packages/hung", "/healthz", url + ".metadata"):
            begun = time.monotonic()
            assert registry.get(path).status == 200
            assert time.monotonic() - begun < 6
        assert not any(one.done() and one.result().status == 200 for one in waiting)
        assert {one.result().status for one in waiting} <= {503, 429}  # 429: one address may have half of the threads
    wait_until(lambda: registry.get(url).status == 200)


def test_no_page_of_the_index_asks_the_store(registry):
    url, _ = registry.upload("paged")
    before = registry.store.requests()
    for path in ("/simple/", "/simple/paged/", "/pypi/paged/json", "/v1/packages/paged", "/packages/paged", "/",
                 "/v1/packages/paged/releases/1.0", url + ".metadata"):
        assert registry.get(path).status == 200, path
        assert registry.get(path, headers=JSON).status in (200, 406), path
    assert registry.request("HEAD", url).status == 200
    assert registry.get(url, headers={"If-None-Match": registry.request("HEAD", url).headers["ETag"]}).status == 304
    assert registry.get("/v1/resolve?group=some.group").status == 200
    assert registry.store.requests() == before
    registry.get(url)
    wait_until(lambda: registry.store.requests() == before + 1)
    counted = dict(line.rsplit(" ", 1) for line in registry.get("/metrics").body.decode().splitlines() if "_objects_" in line
                   and not line.startswith("#"))
    assert int(counted["registryd_objects_requests_total"]) >= registry.store.requests() - before > 0
    with registry.store.away():
        assert registry.get(url).status == 503
    later = registry.get("/metrics").body.decode()
    assert f"registryd_objects_failures_total {int(counted['registryd_objects_failures_total']) + 1}\n" in later
    wait_until(lambda: registry.get(url).status == 200)


# ---- what an upload leaves that does not end ----

def test_an_upload_whose_claim_was_given_up_is_refused_and_leaves_nothing(gated, gate, refused):
    filename, data = wheel("late", "1.0")
    gate.delays.append(2.5)
    refused(gated.send(filename, data), 503, "unavailable")
    assert gated.get("/v1/packages/late").status == 404
    wait_until(gated.is_tidy)
    answer = gated.send(filename, data)
    assert answer.status == 201
    assert gated.get(answer.json["url"]).body == data
    time.sleep(2.5)  # two looks of the collector
    assert gated.get(answer.json["url"]).body == data
    assert gated.is_tidy()


def test_what_a_killed_daemon_left_is_collected(gated, gate):
    filename, data = wheel("killed", "1.0", files={"pad.bin": os.urandom(MIB)})
    gate.delay = 0.05
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(gated.send, filename, data)
        wait_until(lambda: gated.claims() == 1)
        time.sleep(0.3)
        gated.kill()
        assert sending.exception()
    gate.delay = 0
    gated.start()
    wait_until(gated.is_tidy)
    assert gated.send(filename, data).status == 201
    assert gated.is_tidy()


def test_the_garbage_of_another_history_stays(registry):
    """A copy of the registry, restored elsewhere, must not remove what the original refers to."""
    registry.sql("INSERT INTO object_claims (key, epoch, expires_at) VALUES ('aa/other', gen_random_uuid(), now())")
    registry.sql("INSERT INTO object_claims (key, epoch, expires_at) SELECT 'aa/own', epoch, now() FROM registry")
    wait_until(lambda: registry.sql("SELECT key FROM object_claims") == [["aa/other"]])
    registry.sql("DELETE FROM object_claims")


def test_an_answer_that_breaks_off_is_asked_for_again(gated, gate):
    url, data = gated.upload("broken", 3 * MIB)
    for cut in (0, 100, 40_000):
        gate.cut = cut
        assert gated.get(url).body == data
        assert gate.cut is None


# ---- the start ----

def test_a_registry_without_its_store_says_so(cluster, store, refused):
    with Stored(cluster, store) as registry:
        url, data = registry.upload("orphan")
        registry.stop()
        registry.more = []
        registry.start()
        problem = refused(registry.get(url), 503, "unavailable")
        assert "--files" in problem["detail"]
        other, more = registry.upload("inside")
        assert registry.get(other).body == more
        registry.stop()
        registry.more = [*store.arguments(registry.prefix), "--files-new", "database"]
        registry.start()
        assert registry.get(url).body == data and registry.get(other).body == more
        registry.upload("within")
        assert len(registry.objects()) == 1


@pytest.mark.parametrize("arguments, environment, wrong", [
    (["--files", "s3://Bad"], {}, "names no place for files"),
    (["--files", "s3://bucket"], {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": ""}, "--files-credentials"),
    (["--files", "s3://bucket", "--files-endpoint", "ftp://x"], {}, "is not the address of an object store"),
    (["--files", "s3://bucket", "--files-credentials", "{home}/none"], {}, "cannot be read"),
    (["--files", "s3://bucket", "--files-credentials", "{home}/open"], {}, "chmod 600"),
    (["--files", "s3://bucket", "--files-credentials", "{home}/empty"], {}, "aws_access_key_id"),
])
def test_wrong_settings_end_the_start(tmp_path, arguments, environment, wrong):
    (tmp_path / "open").write_text("[default]\n")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "empty").write_text("[default]\naws_secret_access_key = sesame\n")
    (tmp_path / "empty").chmod(0o600)
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", **environment}
    done = subprocess.run([PROGRAM, "--data-dir", tmp_path / "data", "--listen", f"127.0.0.1:{free_port()}",
                           *(one.replace("{home}", str(tmp_path)) for one in arguments)],
                          env=os.environ | keys, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and wrong in done.stderr and "sesame" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_over_tls_with_an_authority_of_its_own(cluster, open_path, refused):
    """Its certificate is checked against --files-ca-file, and against the machine's authorities without it."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=open_path, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=store",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "ca.pem")
    with ObjectStore("--key", open_path / "key.pem", "--cert", open_path / "ca.pem") as store:
        with Stored(cluster, store, "--files-ca-file", str(open_path / "ca.pem")) as registry:
            url, data = registry.upload("sealed")
            assert registry.get(url).body == data
        with Stored(cluster, store) as registry:
            refused(registry.send(*wheel("sealed", "1.0")), 503, "unavailable")
            assert "certificate" in registry.log()


def test_keys_come_from_a_file(cluster, store, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n")
    keys.chmod(stat.S_IRUSR)
    with Stored(cluster, store, "--files-credentials", str(keys)) as registry:
        url, data = registry.upload("keyed")
        assert registry.get(url).body == data
        assert "S3RVER" not in registry.log()


def test_a_port_where_nobody_listens_is_no_long_wait(cluster, store, refused):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with Stored(cluster, store) as registry:
        registry.stop()
        registry.more = store.arguments(registry.prefix, f"http://127.0.0.1:{port}")
        registry.start()
        begun = time.monotonic()
        refused(registry.send(*wheel("nowhere", "1.0")), 503, "unavailable")
        assert time.monotonic() - begun < 5
