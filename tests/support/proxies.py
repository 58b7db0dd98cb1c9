# SPDX-License-Identifier: MIT
"""docs/examples/proxy, run as the files stand but for ports, paths and names, before one daemon or several.

    certificate = make_certificate(folder)
    proxy = START["nginx"]([daemon], certificate, folder)
    proxy.request("GET", "/v1")              # by TLS, the certificate checked
    proxy.stop()
"""
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from support.daemon import SOURCE_DIR

EXAMPLES = SOURCE_DIR / "docs" / "examples" / "proxy"
START_SECONDS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replaced(text, *pairs):
    """Each must be there: an example that is changed must not run untested."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def make_certificate(folder):
    folder.chmod(0o755)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"], check=True, capture_output=True)
    (folder / "registryd.pem").write_text((folder / "fullchain.pem").read_text() + (folder / "key.pem").read_text())
    return folder


class Proxy:
    def __init__(self, command, plain, tls, daemon, certificate):
        self.plain, self.tls, self.daemon, self.certificate = plain, tls, daemon, certificate
        self.log = (certificate / f"proxy-{tls}.log").open("wb")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.await_daemon()
        except BaseException:
            self.stop()
            raise

    def log_text(self):
        return (self.certificate / f"proxy-{self.tls}.log").read_text()

    def trusted(self):
        return ssl.create_default_context(cafile=self.certificate / "fullchain.pem")

    def await_daemon(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                assert self.process.poll() is None, self.log_text()
                if self.request("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, self.log_text()
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(START_SECONDS)
        self.log.close()

    def request(self, method, path, body=None, headers=None):
        """Status, headers, body; through TLS, the certificate checked."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if method != "GET":
            headers["Authorization"] = f"Bearer {self.daemon.publisher_token}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=self.trusted()))
        asked = urllib.request.Request(f"https://localhost:{self.tls}{path}", body, headers, method=method)
        try:
            with opener.open(asked, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


def several(line, addresses):
    """The line of a server, once for each address."""
    return "".join(line.replace(" one ", f" d{number} ").replace("127.0.0.1:7621", address)
                   for number, address in enumerate(addresses))


def start_nginx(daemons, certificate, folder, *changes):
    """`changes`: more pairs of old and new text."""
    plain, tls = free_port(), free_port()
    line = "    server 127.0.0.1:7621 max_fails=1 fail_timeout=1s;\n"
    site = replaced((EXAMPLES / "nginx.conf").read_text(),
                    (line, several(line, [daemon.address for daemon in daemons])),
                    ("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen 443 ", f"listen 127.0.0.1:{tls} "),
                    ("/etc/ssl/registryd/", f"{certificate}/"), ("plugins.example.org", "localhost"), *changes)
    (folder / "site.conf").write_text(site)
    places = "".join(f"    {name}_temp_path {folder}/{name};\n"
                     for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\n    access_log off;\n{places}    include {folder}/site.conf;\n}}\n")
    command = ["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]
    return Proxy(command, plain, tls, daemons[0], certificate)


def start_haproxy(daemons, certificate, folder, *changes):
    """`changes`: more pairs of old and new text."""
    plain, tls = free_port(), free_port()
    line = "    server one 127.0.0.1:7621 check\n"
    text = replaced((EXAMPLES / "haproxy.cfg").read_text(),
                    (line, several(line, [daemon.address for daemon in daemons])),
                    ("bind :80\n", f"bind 127.0.0.1:{plain}\n"), ("bind :443 ", f"bind 127.0.0.1:{tls} "),
                    ("/etc/ssl/registryd/", f"{certificate}/"), *changes)
    (folder / "haproxy.cfg").write_text(text)
    return Proxy(["/usr/sbin/haproxy", "-db", "-f", folder / "haproxy.cfg"], plain, tls, daemons[0], certificate)


START = {"nginx": start_nginx, "haproxy": start_haproxy}
