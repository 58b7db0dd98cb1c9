# SPDX-License-Identifier: MIT
"""docs/examples/proxy, run as they stand but for ports, paths and names: nginx and HAProxy with a certificate of
our own before a daemon."""
import json
import os
import re
import socket
import threading
import time

import pytest
from support.artifacts import wheel
from support.daemon import Daemon
from support.proxies import START, START_SECONDS, make_certificate


@pytest.fixture(scope="module")
def daemon():
    with Daemon(arguments=["--behind-tls-proxy", "--proxies", "127.0.0.1", "--connections-per-address", "0",
                           "--log-level", "debug"]) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module", params=START)
def proxy(request, daemon, certificate, tmp_path_factory):
    running = START[request.param]([daemon], certificate, tmp_path_factory.mktemp("proxy"))
    yield running
    running.stop()


@pytest.fixture
def name(request):
    return "p" + "".join(c for c in request.node.name if c.isalnum()).lower()


def test_publish_resolve_and_304(proxy, name):
    document = {"name": name, "version": "1.0", "entry_points": {f"{name}.plugins": {"a": "a.b:c"}}}
    path = f"/v1/packages/{name}/releases/1.0"
    status, headers, _ = proxy.request("PUT", path, document)
    assert status == 201 and headers["Location"] == path
    assert proxy.request("PUT", path, document)[0] == 200
    question = f"/v1/resolve?group={name}.plugins"
    status, headers, body = proxy.request("GET", question)
    assert status == 200 and json.loads(body)["records"][0]["package"] == name
    assert headers["X-Registry-Serial"] and headers["Strict-Transport-Security"]
    assert headers["ETag"].startswith('"')  # strong still: the proxy changes no body
    assert proxy.request("GET", question, headers={"If-None-Match": headers["ETag"]})[0] == 304
    assert proxy.request("DELETE", f"{path}/yank")[0] == 200
    assert proxy.request("PATCH", "/v1/environments/default", {})[0] == 200


def test_problems_come_through(proxy):
    status, headers, body = proxy.request("GET", "/v1/packages/nothing")
    assert status == 404 and headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(body)["code"] == "not-found"
    # Addresses reach the registry as they were sent, neither decoded nor mended on the way.
    for path in ("/v1/groups/a%2Fb", "/v1/groups/a%20b", "/v1/packages/a%25b"):
        status, _, body = proxy.request("GET", path)
        direct = proxy.daemon.get(path)
        assert (status, json.loads(body)["detail"]) == (direct.status, direct.json["detail"])


def test_a_large_upload_and_its_download(proxy, name):
    content = os.urandom(24 * 1024 * 1024)
    filename, data = wheel(name, "1.0", f"[{name}.plugins]\nx = pkg:x\n", files={"pkg/data.bin": content})
    status, _, body = proxy.request("POST", f"/v1/artifacts?filename={filename}", data,
                                    {"Content-Type": "application/octet-stream"})
    assert status == 201, body
    url = json.loads(body)["url"]
    assert proxy.request("GET", url)[2] == data
    status, headers, part = proxy.request("GET", url, headers={"Range": "bytes=1000-1999"})
    assert (status, part) == (206, data[1000:2000]) and headers["Content-Range"].startswith("bytes 1000-1999/")


def test_what_is_too_large_is_refused_by_the_proxy(proxy, name):
    """Before it is sent: a client that waits for 100-continue never sends it."""
    trusted = proxy.trusted()
    with socket.create_connection(("127.0.0.1", proxy.tls), timeout=30) as plain, \
            trusted.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(f"POST /v1/artifacts?filename={name}-1.0.tar.gz HTTP/1.1\r\nHost: localhost\r\n"
                    "Content-Length: 99000000\r\nExpect: 100-continue\r\n\r\n".encode())
        assert tls.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_long_poll_is_held_and_ended_by_a_change(proxy, name):
    serial = json.loads(proxy.request("GET", "/v1")[2])["serial"]
    told = []

    def wait():
        told.append(proxy.request("GET", f"/v1/changes?since={serial}&wait=60"))
    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(1)
    assert not told
    proxy.daemon.put(f"/v1/packages/{name}/releases/1.0", {"name": name, "version": "1.0"})
    thread.join(30)
    status, _, body = told[0]
    assert status == 200 and json.loads(body)["changes"][0]["package"] == name


def clients_in_log(daemon, target):
    lines = [line for line in daemon.log().splitlines() if f"target={target}" in line]
    return [re.search(r"peer=(\S+) client=(\S+)", line).groups() for line in lines]


def test_the_client_is_who_connects_whatever_it_says(proxy, name):
    target = f"/v1/packages/{name}"
    trusted = proxy.trusted()
    with socket.create_connection(("127.0.0.1", proxy.tls), timeout=30, source_address=("127.0.0.9", 0)) as plain, \
            trusted.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n"
                    "Connection: close\r\n\r\n".encode())
        assert tls.recv(100).startswith(b"HTTP/1.1 404 ")
    deadline = time.monotonic() + START_SECONDS
    while not clients_in_log(proxy.daemon, target) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert clients_in_log(proxy.daemon, target) == [("127.0.0.1", "127.0.0.9")]


def test_plain_http_is_sent_to_tls(proxy):
    with socket.create_connection(("127.0.0.1", proxy.plain), timeout=30) as plain:
        plain.sendall(b"GET /v1/groups?limit=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = plain.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 308 ")
    assert re.search(r"^location: https://localhost/v1/groups\?limit=1\r$", answer, re.I | re.M)


def test_metrics_are_for_this_machine(proxy):
    assert proxy.request("GET", "/metrics")[0] == 200
    trusted = proxy.trusted()
    with socket.create_connection(("127.0.0.1", proxy.tls), timeout=30, source_address=("127.0.0.9", 0)) as plain, \
            trusted.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert tls.recv(100).startswith(b"HTTP/1.1 403 ")
