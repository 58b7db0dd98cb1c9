# SPDX-License-Identifier: MIT
"""One request over urllib. What must stay true: no redirect is followed, so a token goes to its own origin alone; a
proxy of the machine is not used for this machine; a token is refused before anything is sent where others could
read it; an answer has a limit of bytes, and a request a limit of time that also holds for a server that sends one
byte a second."""

import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from io import BufferedReader, RawIOBase
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from . import settings
from .connection import Connection
from .faults import fault

ANSWER_BYTES_MAX = 64 * 1024 * 1024
SLOW_LINE_BYTES_PER_SECOND = 100_000  # the time that a large body may take besides
_PIECE = 1 << 16


class Answer:
    """What came back: `status`, `body`, and headers."""

    __slots__ = ("status", "headers", "body")

    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name: str) -> str | None:
        return self.headers.get(name)


class _TooLarge(Exception):
    """The answer has more bytes than the caller accepts."""


# ---- deadlines ----


class _Reading(RawIOBase):
    """The bytes of a socket, until a moment: every wait is as long as what is left."""

    def __init__(self, sock, deadline: float):
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left


class _Socket:
    """The parts of a socket that http.client uses."""

    def __init__(self, sock, deadline: float):
        self._sock, self._deadline = sock, deadline

    def sendall(self, data) -> None:
        """In pieces, because the timeout of one sendall() counts for all that it sends."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _PIECE):
            self._sock.settimeout(_left(self._deadline))
            self._sock.sendall(view[start : start + _PIECE])

    def makefile(self, mode: str = "rb", *_, **__) -> BufferedReader:
        return BufferedReader(_Reading(self._sock, self._deadline))

    def __getattr__(self, name: str):
        return getattr(self._sock, name)


def _connection_type(base, deadline: float):
    class WithDeadline(base):
        def connect(self) -> None:
            self.timeout = _left(deadline)
            super().connect()
            self.sock = _Socket(self.sock, deadline)

    return WithDeadline


class _Plain(HTTPHandler):
    deadline = 0.0

    def http_open(self, request):
        return self.do_open(_connection_type(HTTPConnection, self.deadline), request)


class _Secure(HTTPSHandler):
    deadline = 0.0
    tls = None

    def https_open(self, request):
        return self.do_open(_connection_type(HTTPSConnection, self.deadline), request, context=self.tls)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# ---- the request ----


def _proxies(url: str) -> dict[str, str]:
    """Those of the machine: http_proxy, https_proxy, all_proxy, but for what no_proxy names."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    split = urlsplit(url)
    if settings.is_loopback(url) or proxy_bypass(split.netloc):
        return {}
    found = getproxies()
    proxy = found.get(split.scheme.lower()) or found.get("all")
    return {split.scheme.lower(): proxy} if proxy else {}


def ca_file() -> tuple[str, str] | None:
    """(variable, path) of the file with the certificates that are trusted, if one is named."""
    for variable in ("REGISTRYD_CA_FILE", "SSL_CERT_FILE"):
        path = os.environ.get(variable)
        if path:
            return variable, path
    return None


def _tls():
    """The certificates that are trusted, and the one that this host shows, if it has one."""
    from ssl import SSLError, create_default_context

    named, mine = ca_file(), os.environ.get("REGISTRYD_CLIENT_CERT")
    variable, path = named or ("SSL_CERT_FILE", "")
    try:
        context = create_default_context(cafile=path or None)
        variable, path = "REGISTRYD_CLIENT_CERT or REGISTRYD_CLIENT_KEY", mine or ""
        if mine:
            context.load_cert_chain(mine, os.environ.get("REGISTRYD_CLIENT_KEY") or None, password="")
        return context
    except (OSError, SSLError) as error:
        raise fault("usage", f"The certificates cannot be read: {error}. Correct {variable}", path) from None


def _opener(url: str, deadline: float) -> OpenerDirector:
    plain, handlers = _Plain(), [ProxyHandler(_proxies(url)), _NoRedirect()]
    plain.deadline = deadline
    if url[:6].lower() == "https:":
        secure = _Secure()
        secure.deadline, secure.tls = deadline, _tls()
        handlers.append(secure)
    return build_opener(plain, *handlers)


def _guard_token(connection: Connection) -> None:
    """A token is a password: anybody who reads it on the way can publish with it."""
    is_plain = connection.url[:7].lower() == "http://"
    if connection.token and is_plain and not connection.insecure_plain and not settings.is_loopback(connection.url):
        raise fault("usage", f"The token is not sent to {connection.url}, because plain http shows it to everyone on the way. Use an "
                    "https address, unset the token (REGISTRYD_TOKEN), or allow it with --insecure-plain or "
                    "REGISTRYD_INSECURE_PLAIN=1")  # fmt: skip


def _headers(connection: Connection, body: bytes | None, more: dict) -> dict[str, str]:
    from .._generated import VERSION

    made = {"Accept": "application/json, application/problem+json", "Accept-Encoding": "gzip",
            "User-Agent": f"registryclient/{VERSION}", "Connection": "close"}  # fmt: skip
    if body is not None:
        made["Content-Type"] = "application/json"
    if connection.token:
        made["Authorization"] = f"Bearer {connection.token}"
    return {**made, **{name: value for name, value in more.items() if value is not None}}


def send(connection: Connection, method: str, path: str, body: bytes | None = None, headers: dict | None = None,
         max_bytes: int = ANSWER_BYTES_MAX) -> Answer:  # fmt: skip
    """Sends one request; any answer of a server is returned, also a refusal."""
    _guard_token(connection)
    seconds = connection.timeout + len(body or b"") / SLOW_LINE_BYTES_PER_SECOND
    opener = _opener(connection.url, monotonic() + seconds)
    request = Request(connection.url + path, data=body if body is not None or method == "GET" else b"",
                      headers=_headers(connection, body, headers or {}), method=method)  # fmt: skip
    try:
        return _receive(opener, request, max_bytes, seconds)
    except _TooLarge:
        raise fault("too-large", f"The answer of {connection.url} is over the limit of {max_bytes >> 20} MiB. "
                    "Request less at a time") from None  # fmt: skip
    except (OSError, HTTPException, ValueError, EOFError) as error:
        raise _lost(error, connection.url, seconds) from None


def _receive(opener: OpenerDirector, request: Request, max_bytes: int, seconds: float) -> Answer:
    try:
        response = opener.open(request, timeout=seconds)
    except HTTPError as refusal:
        response = refusal  # an answer, too
    with response:
        body = _read(response, max_bytes)
        if response.headers.get("Content-Encoding", "").lower() == "gzip":
            body = _unpack(body, max_bytes)
        return Answer(response.status, response.headers, body)


def _read(response, max_bytes: int) -> bytes:
    pieces, size = [], 0
    while piece := response.read(_PIECE):
        size += len(piece)
        if size > max_bytes:
            raise _TooLarge
        pieces.append(piece)
    wanted = response.headers.get("Content-Length")
    if wanted and wanted.isdigit() and int(wanted) != size:
        raise EOFError(f"{size} of {wanted} bytes arrived")
    return b"".join(pieces)


def _unpack(body: bytes, max_bytes: int) -> bytes:
    from zlib import decompressobj, error

    unpacking = decompressobj(31)
    try:
        unpacked = unpacking.decompress(body, max_bytes + 1)
    except error as broken:
        raise ValueError(f"the answer cannot be unpacked: {broken}") from None
    if len(unpacked) > max_bytes:
        raise _TooLarge
    if not unpacking.eof and body:
        raise EOFError("the packed answer is cut short")
    return unpacked


def _lost(error: Exception, url: str, seconds: float):
    from socket import gaierror

    reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(reason, TimeoutError):
        return fault("timeout", f"The registry at {url} did not answer within {seconds * 1000:.0f} ms. Try again, or ask the operator "
                     "of the registry")  # fmt: skip
    if isinstance(reason, gaierror):
        return fault("unreachable", f"The host name in {url} cannot be resolved. Check --url or REGISTRYD_URL")
    if isinstance(reason, ConnectionRefusedError):
        return fault("unreachable", f"No server answers at {url}. Check that registryd is running there, "
                     "and check --url or REGISTRYD_URL")  # fmt: skip
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return fault("unreachable", f"The certificate of {url} is not trusted: {_short(reason)}. If its CA is your own, name the file "
                     "with the CA's certificate by REGISTRYD_CA_FILE")  # fmt: skip
    return fault("unreachable", f"The connection to {url} was lost: {_short(reason)}")


def _short(reason: Exception) -> str:
    return getattr(reason, "verify_message", None) or getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
