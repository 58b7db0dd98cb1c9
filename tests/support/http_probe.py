# SPDX-License-Identifier: MIT
"""tests/http/http_probe as a process, and raw conversations with any HTTP server, byte by byte."""

import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess

BUILD_DIR = pathlib.Path(os.environ.get("REGISTRYD_BUILD_DIR", "build-dev"))
PROGRAM = BUILD_DIR / "tests" / "http_probe"
# Only reached when something is wrong.
PATIENCE_SECONDS = 30


class Probe:
    """A server of echo routes. Keywords are the settings of struct server_settings."""

    def __init__(self, **settings):
        arguments = [f"{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen(
            [PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        host, _, port = self.process.stdout.readline().strip().rpartition(":")
        self.address = (host, int(port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            assert self.stop() == 0, "the sanitizers found something, or the stop failed"
        finally:
            self.process.kill()

    def stop(self):
        """SIGTERM, then the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def connect(self):
        return socket.create_connection(self.address, PATIENCE_SECONDS)

    def talk(self, sent, half_close=False):
        return talk(self.address, sent, half_close)

    def ask(self, target, *headers):
        """One GET, one response."""
        (response,) = self.talk(get(target, "Connection: close", *headers))
        return response

    def handled(self):
        """How many requests have reached a handler so far."""
        return self.ask("/count").json["handled"]


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # lower-case names
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def request(method, target, *headers, body=b"", version="HTTP/1.1", host="Host: x"):
    """The bytes of a request; texts are Latin-1, so that any byte can be sent."""
    lines = [f"{method} {target} {version}", *([host] if host else []), *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def get(target, *headers, **keywords):
    return request("GET", target, *headers, **keywords)


def put(target, body, *headers, **keywords):
    return request("PUT", target, f"Content-Length: {len(body)}", *headers, body=body, **keywords)


def talk(address, sent, half_close=False):
    """Sends bytes to (host, port), reads until the server closes; the responses."""
    with socket.create_connection(address, PATIENCE_SECONDS) as connection:
        send_all(connection, sent)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        return parse_responses(read_all(connection), sent)


def send_all(connection, sent):
    try:
        connection.sendall(sent)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before it had read everything; what it answered is what counts


def read_all(connection):
    received = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def parse_responses(received, sent=b""):
    """Strictly: every byte must belong to a response. A HEAD request must stand alone in `sent`."""
    responses = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        assert separator, received
        status_line, *lines = head.decode("latin-1").split("\r\n")
        protocol, status, _ = status_line.split(" ", 2)
        assert protocol == "HTTP/1.1"
        headers = {}
        for line in lines:
            name, value = line.split(": ", 1)
            assert name.lower() not in headers, line
            headers[name.lower()] = value
        has_body = int(status) not in (100, 204, 304) and not sent.startswith(b"HEAD ")
        length = int(headers["content-length"]) if has_body else 0
        assert len(rest) >= length
        responses.append(Response(int(status), headers, rest[:length]))
        received = rest[length:]
    return responses
