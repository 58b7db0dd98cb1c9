# SPDX-License-Identifier: MIT
"""registryctl through nginx with an internal certificate authority, with a client certificate, and through a proxy: what
works, and what is said when a link is missing."""

import contextlib
import os
import socket
import subprocess
import threading
import time

import pytest
from support.daemon import Daemon
from support.registryctl import in_pipe

START_SECONDS = 20
HOST = "registry.internal"  # resolved by the proxy alone


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """An authority, a server's certificate for 127.0.0.1 and HOST, a client's, and another authority."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    (folder / "names").write_text(f"subjectAltName=IP:127.0.0.1,DNS:{HOST}\n")
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-out", f"{name}.pem", *(("-extfile", "names") if name == "server" else ()))
    (folder / "both.pem").write_text((folder / "client.pem").read_text() + (folder / "client.key").read_text())
    return folder


@contextlib.contextmanager
def nginx(folder, keys, upstream, asks_client):
    port = free_port()
    verify = f"ssl_client_certificate {keys}/ca.pem; ssl_verify_client on;" if asks_client else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{ access_log off;\n"
        f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
        f"scgi_temp_path {folder}/s;\nserver {{ listen 127.0.0.1:{port} ssl; ssl_certificate {keys}/server.pem;\n"
        f"ssl_certificate_key {keys}/server.key; {verify}\nlocation / {{ proxy_pass {upstream}; }} }} }}\n")
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < end and process.poll() is None, (folder / "error.log").read_text()
                time.sleep(0.05)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


class ConnectProxy:
    """CONNECT to any name goes to this machine; what it was asked is kept."""

    def __init__(self, status="200 OK"):
        self.status = status
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, client):
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.asked.append(head.decode())
            client.sendall(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
            if not self.status.startswith("200"):
                return
            port = int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port)) as server:
                threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
                self.copy(client, server)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


@pytest.fixture(scope="module")
def daemon():
    with Daemon(arguments=["--behind-tls-proxy", "--proxies", "127.0.0.1"]) as running:
        yield running


@pytest.fixture(scope="module")
def tls(daemon, keys, tmp_path_factory):
    with nginx(tmp_path_factory.mktemp("nginx"), keys, daemon.url, False) as url:
        yield url


@pytest.fixture(scope="module")
def strict(daemon, keys, tmp_path_factory):
    """An nginx that asks for a client certificate."""
    with nginx(tmp_path_factory.mktemp("strict"), keys, daemon.url, True) as url:
        yield url


def groups(url, *options, **settings):
    return in_pipe("groups", *options, REGISTRYD_URL=url, **settings)


def test_an_authority_of_our_own(tls, keys):
    assert groups(tls, "--ca-file", keys / "ca.pem").code == 0
    assert groups(tls, REGISTRYD_CA_FILE=str(keys / "ca.pem")).code == 0
    assert groups(tls, SSL_CERT_FILE=str(keys / "ca.pem")).code == 0
    assert groups(tls, SSL_CERT_FILE=str(keys / "other.pem"), REGISTRYD_CA_FILE=str(keys / "ca.pem")).code == 0


@pytest.mark.parametrize("ca", [None, "other.pem"])
def test_an_authority_that_is_not_trusted(tls, keys, ca):
    done = groups(tls, *(["--ca-file", keys / ca] if ca else []), REGISTRYD_TOKEN="plg_secret")
    assert done.code == 4 and f"The certificate of {tls} is not trusted" in done.err and "--ca-file" in done.err
    assert "plg_secret" not in done.err
    row = in_pipe("doctor", *(["--ca-file", keys / ca] if ca else []), "--format", "lines", REGISTRYD_URL=tls)
    assert row.code == 1 and "\nerror\tregistry\tThe certificate of" in row.out and "name it in ca-file" in row.out


def test_a_file_that_holds_no_authority(tls, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing\n")
    done = groups(tls, "--ca-file", tmp_path / "empty.pem")
    assert done.code == 2 and "The file holds no certificate authority" in done.err


def test_a_name_that_the_certificate_does_not_have(tls, keys):
    done = groups(tls.replace("127.0.0.1", "localhost"), "--ca-file", keys / "ca.pem")
    assert done.code == 4 and "is not trusted" in done.err


def test_a_client_certificate(strict, keys, tmp_path):
    trusted = {"REGISTRYD_CA_FILE": str(keys / "ca.pem")}
    assert groups(strict, "--client-cert", keys / "both.pem", **trusted).code == 0
    assert groups(strict, "--client-cert", keys / "client.pem", "--client-key", keys / "client.key", **trusted).code == 0
    assert groups(strict, REGISTRYD_CLIENT_CERT=str(keys / "both.pem"), **trusted).code == 0
    (tmp_path / "registryd").mkdir()
    (tmp_path / "registryd" / "config.yaml").write_text(
        f"url: {strict}\nca-file: {keys}/ca.pem\nclient-cert: {keys}/client.pem\nclient-key: {keys}/client.key\n")
    assert groups("", XDG_CONFIG_HOME=str(tmp_path)).code == 0
    missing = groups(strict, **trusted)
    assert missing.code == 4 and "--client-cert" in missing.err
    wrong = groups(strict, "--client-cert", keys / "client.pem", "--client-key", keys / "server.key", **trusted)
    assert wrong.code == 2 and "The client certificate and its key cannot be used" in wrong.err


def port_of(url):
    return url.rpartition(":")[2]


def test_through_a_proxy(tls, keys, daemon, monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)  # curl takes it before NO_PROXY
    inner = f"https://{HOST}:{port_of(tls)}"
    trusted = {"REGISTRYD_CA_FILE": str(keys / "ca.pem"), "REGISTRYD_TOKEN": daemon.publisher_token}
    with ConnectProxy() as proxy:
        assert groups(inner, HTTPS_PROXY=proxy.url, **trusted).code == 0
        assert groups(inner, "--proxy", proxy.url, **trusted).code == 0
        assert groups(inner, REGISTRYD_PROXY=proxy.url, NO_PROXY="*", **trusted).code == 0
        assert groups(tls, "--proxy", proxy.url, **trusted).code == 0  # named for this registry: for the machine itself, too
        assert len(proxy.asked) == 4 and all(head.startswith(f"CONNECT {HOST}:") for head in proxy.asked[:3])
        assert daemon.publisher_token not in "".join(proxy.asked)
        proxy.asked.clear()
        assert groups(inner, HTTPS_PROXY=proxy.url, NO_PROXY=HOST, **trusted).code == 4
        assert groups(tls, HTTPS_PROXY=proxy.url, **trusted).code == 0
        assert not proxy.asked
        done = in_pipe("doctor", "--format", "lines", REGISTRYD_URL=inner, HTTPS_PROXY=proxy.url, **trusted)
        assert "ok\tproxy\trequests go through the proxy of HTTPS_PROXY" in done.out and "ok\tregistry\t" in done.out


def test_a_proxy_that_refuses(tls, keys):
    with ConnectProxy("407 Proxy Authentication Required") as proxy:
        done = groups(f"https://{HOST}:1", "--proxy", proxy.url.replace("//", "//me:secret@"))
    assert done.code == 4 and "407" in done.err and "proxy" in done.err.lower() and "secret" not in done.err


def test_a_proxy_that_is_not_there():
    done = groups(f"https://{HOST}", "--proxy", "http://127.0.0.1:9")
    assert done.code == 4 and "proxy" in done.err.lower()
    done = groups(f"https://{HOST}", "--proxy", "http://me:secret@proxy.invalid:3128")
    assert done.code == 4 and "The host name of the proxy" in done.err and "secret" not in done.err


def test_publish_through_all_of_it(strict, keys, daemon, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "through"\nversion = "1.0"\n'
                                             '[project.entry-points."tls.plugins"]\nthrough = "through:plugin"\n')
    with ConnectProxy() as proxy:
        settings = {"REGISTRYD_URL": f"https://{HOST}:{port_of(strict)}", "REGISTRYD_CA_FILE": str(keys / "ca.pem"),
                    "REGISTRYD_CLIENT_CERT": str(keys / "both.pem"), "REGISTRYD_PROXY": proxy.url}
        done = in_pipe("publish", tmp_path, REGISTRYD_TOKEN=daemon.publisher_token, **settings)
        assert done.code == 0, done.err
        assert "through" in in_pipe("resolve", "tls.plugins", "--format", "lines", **settings).out
