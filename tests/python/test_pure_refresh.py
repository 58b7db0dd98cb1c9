# SPDX-License-Identifier: MIT
"""refresh() of the engine in Python against registries that behave in every bad way. The answers and the spoiled files are
those of tests/cli/test_last_known_good.py, and the verdicts are the same. The engine runs in this process."""

import fcntl
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from support.fake_registry import FakeRegistry
from support.python_program import PACKAGE_FOLDER
from support.snapshot_file import EPOCH, MEDIA_TYPE, Snapshot, key_pair, snapshot

sys.path[:0] = [str(PACKAGE_FOLDER), str(Path(__file__).parents[1] / "cli")]
os.environ["REGISTRYD_PYTHON_ENGINE"] = "pure"

import registryclient  # noqa: E402
from registryclient import errors  # noqa: E402
from test_last_known_good import BAD, OTHER_EPOCH, SPOILED, file, whole  # noqa: E402

PATH = "/v1/snapshot"
TOKEN = "plg_secret"


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    """Nothing of the caller's settings decides."""
    for name in list(os.environ):
        if name.startswith("REGISTRYD_") and name != "REGISTRYD_PYTHON_ENGINE" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("REGISTRYD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "")


@pytest.fixture
def fake():
    with FakeRegistry() as running:
        yield running


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def answer(fake, raw, **headers):
    fake.replies.clear()
    fake.answer("GET", PATH, raw, headers={"Content-Type": MEDIA_TYPE, **headers})


def client(fake, **more):
    return registryclient.Registry(getattr(fake, "url", fake), facts={}, **more)


def kept(cache):
    (path,) = cache.glob("*.snapshot")
    return Snapshot(path.read_bytes())


def refused(call):
    with pytest.raises(errors.RegistryError) as told:
        call()
    return told.value


@pytest.fixture
def holding(fake):
    answer(fake, file(5, made_at=1000))
    made = client(fake)
    assert made.refresh()
    return made


def test_it_is_this_engine():
    assert (registryclient._engine.NAME, Path(registryclient.__file__).parents[1]) == ("pure", PACKAGE_FOLDER)


def test_what_is_kept_has_a_receipt_and_its_modes(holding, fake, cache):
    assert kept(cache).serial == 5 and fake.url.encode() in kept(cache).receipt
    assert sorted(path.suffix for path in cache.iterdir()) == [".lock", ".snapshot"]
    assert cache.stat().st_mode & 0o777 == 0o700
    assert next(cache.glob("*.snapshot")).stat().st_mode & 0o777 == 0o644
    answer(fake, snapshot({"app.plugins": [{"name": "n", "source": "registry", "settings": '{"key":"secret"}'}]}, serial=6))
    assert holding.refresh() and next(cache.glob("*.snapshot")).stat().st_mode & 0o777 == 0o600
    answer(fake, snapshot({}, serial=7, decisions=[{"group": "g", "package": "p", "code": "settings", "settings": "{}"}]))
    assert holding.refresh() and next(cache.glob("*.snapshot")).stat().st_mode & 0o777 == 0o600


def test_the_tag_is_sent_and_304_confirms(holding, fake, cache):
    fake.replies.clear()
    fake.answer("GET", PATH, b"", status=304)
    path = next(cache.glob("*.snapshot"))
    os.utime(path, (1, 1))
    assert holding.refresh() is False
    assert len(fake.requests[-1].headers["If-None-Match"]) == 34 and time.time() - path.stat().st_mtime < 600
    assert fake.requests[-1].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_changes_nothing(holding, fake, cache, name):
    path = next(cache.glob("*.snapshot"))
    before = path.read_bytes()
    make, exit_code = BAD[name]
    answer(fake, make())
    assert refused(holding.refresh).exit_code == exit_code and path.read_bytes() == before
    assert [one.version for one in holding.lookup("app.plugins")] == ["5.0"]


@pytest.mark.parametrize("status, headers", [(200, {"Content-Type": "application/json"}), (206, {"Content-Type": MEDIA_TYPE}),
                                             (302, {"Location": "http://127.0.0.1:9/"}), (404, {}), (500, {})])  # fmt: skip
def test_an_answer_of_another_kind_changes_nothing(holding, fake, cache, status, headers):
    fake.replies.clear()
    fake.answer("GET", PATH, whole(), status=status, headers=headers)
    assert refused(holding.refresh).code == "unreachable" and kept(cache).serial == 5


def test_a_new_history_is_taken_and_an_old_one_is_not(holding, fake, cache):
    answer(fake, file(1, epoch=OTHER_EPOCH, made_at=2000))
    assert holding.refresh() and kept(cache).epoch == OTHER_EPOCH
    answer(fake, file(900, made_at=3000))
    error = refused(holding.refresh)
    assert error.code == "conflict" and "remove the cached file" in error.message and kept(cache).epoch == OTHER_EPOCH
    assert EPOCH.encode() in kept(cache).receipt


@pytest.mark.parametrize("name", SPOILED)
def test_a_bad_file_is_not_used(holding, cache, name):
    SPOILED[name](next(cache.glob("*.snapshot")))
    told = holding.state()
    assert bool(told["reason"]) is not told["has_snapshot"] is (name == "altered")  # a block is read when it is needed
    found = holding.discover("app.plugins", mode="registry")
    assert not found and "snapshot-unusable" in [row.code for row in found.diagnostics]


def test_a_pinned_key_decides_what_is_kept(fake, cache, monkeypatch):
    key, sign = key_pair()
    monkeypatch.setenv("REGISTRYD_SNAPSHOT_KEY", key)
    answer(fake, file(5))
    assert refused(client(fake).refresh).code == "forbidden" and not list(cache.glob("*.snapshot"))
    answer(fake, file(5, sign=sign))
    assert client(fake).refresh() and client(fake).state()["is_signed"]


def test_a_lock_that_is_held_is_waited_for_and_then_told(holding, fake, cache):
    with open(next(cache.glob("*.lock")), "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer(fake, file(6))
        threading.Timer(0.4, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        assert holding.refresh() and kept(cache).serial == 6
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer(fake, file(7))
        assert refused(holding.refresh).code == "timeout" and kept(cache).serial == 6


def test_what_a_killed_process_left_is_overwritten(holding, fake, cache):
    path = next(cache.glob("*.snapshot"))
    path.with_name(path.name + ".new").write_bytes(b"half")
    answer(fake, file(6))
    assert holding.refresh() and kept(cache).serial == 6 and not list(cache.glob("*.new"))


# ---- bounds ----


def test_an_endless_and_a_slow_body_are_cut_off(holding, fake, cache):
    def drip():
        for byte in whole():
            yield bytes([byte])
            fake.stopping.wait(0.2)

    quick = client(fake, timeout=1)
    for pieces, headers in ((lambda: itertools.repeat(b"x" * 65536), {}), (drip, {"Content-Length": str(len(whole()))})):
        fake.replies.clear()
        fake.stream("GET", PATH, pieces, {"Content-Type": MEDIA_TYPE, **headers})
        start = time.monotonic()
        assert refused(quick.refresh).code in ("timeout", "too-large") and kept(cache).serial == 5
        assert time.monotonic() - start < 8


def test_headers_that_drip_are_cut_off(fake):
    """A server that sends one byte of a header now and then keeps no client longer than its time."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        connection, _ = server.accept()
        with connection:
            while not stop.wait(0.1):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    start = time.monotonic()
    error = refused(client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.7).refresh)
    stop.set()
    assert error.code == "timeout" and time.monotonic() - start < 5
    thread.join()
    server.close()


@pytest.mark.parametrize("length", [10, 100, 300, 450])
def test_a_body_that_breaks_off_changes_nothing(holding, fake, cache, length):
    fake.replies.clear()
    fake.stream("GET", PATH, lambda: [whole()[:length]], {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(whole()))})
    assert refused(holding.refresh).code == "unreachable" and kept(cache).serial == 5


def test_a_packed_answer_is_unpacked_within_its_limit(fake):
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    fake.answer("GET", "/v1/resolve", packing.compress(b'{"records": []}') + packing.flush(), headers={"Content-Encoding": "gzip"})
    assert client(fake).resolve("a.group") == ()
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packing.compress(b" " * (1 << 20)) for _ in range(70)) + packing.flush()
    fake.replies.clear()
    fake.answer("GET", "/v1/resolve", bomb, headers={"Content-Encoding": "gzip"})
    assert len(bomb) < 200_000 and refused(lambda: client(fake).resolve("a.group")).code == "too-large"


# ---- tokens, proxies, certificates ----


def test_the_token_goes_where_no_redirect_and_no_proxy_leads(fake, monkeypatch):
    with FakeRegistry() as other:
        fake.answer("GET", PATH, b"", status=302, headers={"Location": f"{other.url}{PATH}"})
        error = refused(client(fake, token=TOKEN).refresh)
        assert error.code == "unreachable" and other.url in error.message and not other.requests
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        refused(client(fake, token=TOKEN).refresh)
        assert not other.requests and fake.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("url", ["http://registry.invalid", "HTTP://registry.invalid:80", "http://127.0.0.1.invalid:7621",
                                 "http://localhost.example.org:7621", "http://127.invalid"])  # fmt: skip
def test_plain_http_to_another_host_is_refused_before_anything_is_sent(url, monkeypatch):
    with FakeRegistry() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        error = refused(client(url, token=TOKEN).refresh)
        assert error.code == "usage" and "plain http" in error.message and TOKEN not in str(error) and not proxy.requests


def test_a_proxy_of_the_machine_is_used_for_other_hosts(monkeypatch):
    with FakeRegistry() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        proxy.answer("GET", PATH, file(5), headers={"Content-Type": MEDIA_TYPE})
        assert client("http://registry.invalid").refresh()
        assert proxy.requests[0].headers["Host"] == "registry.invalid"
        monkeypatch.setenv("no_proxy", "registry.invalid")
        assert "cannot be resolved" in refused(client("http://registry.invalid").refresh).message and len(proxy.requests) == 1


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """(certificate, key) for 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("ca")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=registry", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"],
                   check=True, capture_output=True)  # fmt: skip
    return folder / "ca.pem", folder / "key.pem"


def test_certificates(authority, fake, monkeypatch, tmp_path):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    fake.server.socket = context.wrap_socket(fake.server.socket, server_side=True)
    answer(fake, file(5))
    url = fake.url.replace("http:", "https:")
    error = refused(client(url, token=TOKEN).refresh)
    assert error.code == "unreachable" and "not trusted" in error.message and "REGISTRYD_CA_FILE" in error.message and not fake.requests
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert refused(client(url).refresh).code == "usage"
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))
    assert client(url, token=TOKEN).refresh() and fake.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"
    monkeypatch.setenv("REGISTRYD_CA_FILE", str(tmp_path / "none.pem"))
    assert "REGISTRYD_CA_FILE" in refused(client(url).refresh).message
    monkeypatch.setenv("REGISTRYD_CA_FILE", str(authority[0]))
    monkeypatch.setenv("SSL_CERT_FILE", "")
    assert client(url).refresh() is False


def test_a_certificate_of_the_client(authority, fake, monkeypatch):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    context.load_verify_locations(authority[0])
    context.verify_mode = ssl.CERT_REQUIRED
    fake.server.socket = context.wrap_socket(fake.server.socket, server_side=True)
    answer(fake, file(5))
    monkeypatch.setenv("REGISTRYD_CA_FILE", str(authority[0]))
    url = fake.url.replace("http:", "https:")
    assert refused(client(url).refresh).code == "unreachable" and not fake.requests
    monkeypatch.setenv("REGISTRYD_CLIENT_CERT", str(authority[0]))
    assert "REGISTRYD_CLIENT_KEY" in refused(client(url).refresh).message
    monkeypatch.setenv("REGISTRYD_CLIENT_KEY", str(authority[1]))
    assert client(url).refresh()
