# SPDX-License-Identifier: MIT
"""A client for many requests at once that tells apart what a load test must tell apart: a request that was
refused (no connection, so nothing was sent) and one that was lost (sent, and never answered whole).

    wire = Wire("127.0.0.1:7621", token)
    answer = await wire.request("PUT", path, document)      # Refused, Lost, or an answer of any status
    wire.close()
"""
import asyncio
import dataclasses
import json

LONGEST_SECONDS = 90


class Refused(Exception):
    """No connection was made."""


class Lost(Exception):
    """Sent over a connection that was accepted; no whole answer came."""


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Wire:
    """One connection at a time, kept as long as the server keeps it."""

    def __init__(self, address, token=None, tls=None):
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self.tls = tls
        self.token = token
        self.reader = self.writer = None

    async def request(self, method, path, body=None, headers=None, seconds=LONGEST_SECONDS):
        await self._connect()
        try:
            return await asyncio.wait_for(self._exchange(method, path, body, headers or {}), seconds)
        except (OSError, EOFError, asyncio.TimeoutError, ValueError, IndexError) as error:
            self.close()
            raise Lost(f"{method} {path}: {error!r}") from error

    def close(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def _connect(self):
        if self.writer and not self.reader.at_eof() and not self.writer.is_closing():
            return
        self.close()
        name = "localhost" if self.tls else None
        try:
            self.reader, self.writer = await asyncio.open_connection(
                self.host, self.port, ssl=self.tls, server_hostname=name)
        except OSError as error:
            raise Refused(repr(error)) from error

    async def _exchange(self, method, path, body, headers):
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        if body is not None:
            lines += [f"Content-Length: {len(content)}"]
            lines += [] if "Content-Type" in headers else ["Content-Type: application/json"]
        if self.token and "Authorization" not in headers:
            lines += [f"Authorization: Bearer {self.token}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        return await self._read_answer()

    async def _read_answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {}
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = b""
        if status not in (204, 304):
            body = await self._read_body(headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    async def _read_body(self, headers):
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self.reader.readexactly(int(headers["content-length"]))
        parts = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            parts.append((await self.reader.readexactly(size + 2))[:-2])
        await self.reader.readuntil(b"\r\n")
        return b"".join(parts)
