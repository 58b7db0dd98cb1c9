# SPDX-License-Identifier: MIT
"""Requests as bytes: what each is answered, and that no bytes of one are ever served as another.

Behind every case a second, sound request is sent on the same connection (the sentinel). Where the
server may go on, its answer must be the last one; where it may not, nothing may follow.
"""

import pytest
from support.http_probe import Probe, get, put, request

SENTINEL = get("/echo", "Connection: close")
LIMIT = 1000  # of a body; HEAD_LIMIT of request line and headers
HEAD_LIMIT = 16384
SMUGGLED = get("/echo/smuggled/and/served")
LINE = b"GET /echo HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
END = b"\r\n"


@pytest.fixture(scope="module")
def probe():
    with Probe() as running:
        yield running


def filled(size, line="GET /echo HTTP/1.1\r\nHost: x\r\nX-Fill: "):
    """A sound request of exactly that many bytes."""
    return (line + "f" * (size - len(line) - 4) + "\r\n\r\n").encode()


def many_headers(count):
    return get("/echo", *(f"X-{number}: v" for number in range(count - 1)))


def chunked(*headers):
    body = b"0\r\n\r\n" + SMUGGLED
    return request("POST", "/body", "Transfer-Encoding: chunked", *headers, body=body)


# What goes on: (name, bytes, statuses before the sentinel's, requests handled before it)
GOES_ON = [
    ("a plain request", get("/echo"), [200], 1),
    ("two at once", get("/echo") * 2, [200, 200], 2),
    ("five at once", get("/echo") * 5, [200] * 5, 5),
    ("no space after the colon", get("/echo", "A:b"), [200], 1),
    ("an empty value", get("/echo", "A:"), [200], 1),
    ("header names in capitals", get("/echo", "ACCEPT: a/b"), [200], 1),
    ("a list header sent twice", get("/echo", "Accept: a", "Accept: b"), [200], 1),
    ("64 headers", many_headers(64), [200], 1),
    ("a head that fills the buffer", filled(HEAD_LIMIT), [200], 1),
    ("HTTP/1.0 with keep-alive", get("/echo", "Connection: keep-alive", version="HTTP/1.0"), [200], 1),
    ("a query", get("/echo?a=1&b=%20+&c"), [200], 1),
    ("an empty query", get("/echo?"), [200], 1),
    ("a second question mark", get("/echo?a=?"), [200], 1),
    ("parameters in the path", get("/echo/a%20b/and/%C3%A9"), [200], 1),
    ("an escape that decodes to an escape", get("/echo/%252e%252e/and/%252F"), [200], 1),
    ("OPTIONS", request("OPTIONS", "/echo"), [204], 0),
    ("a preflight", request("OPTIONS", "/echo", "Origin: http://a", "Access-Control-Request-Method: PUT"), [204], 0),
    ("an answer the client has", get("/fixed", 'If-None-Match: "fixed"'), [304], 0),
    ("an empty body", put("/body", b""), [200], 1),
    ("a body", put("/body", b"hello"), [200], 1),
    ("a body at the limit", put("/body", b"b" * LIMIT), [200], 1),
    ("a length with leading zeros", request("PUT", "/body", "Content-Length: 0005", body=b"hello"), [200], 1),
    ("a body that looks like a request", put("/body", SMUGGLED), [200], 1),
    ("a body that looks like line ends", put("/body", b"\r\n\r\n\r\n"), [200], 1),
    ("two bodies at once", put("/body", b"one") + put("/body", b"two"), [200, 200], 2),
    ("a length of 0 on GET", get("/echo", "Content-Length: 0"), [200], 1),
    ("100-continue", put("/body", b"hello", "Expect: 100-continue"), [100, 200], 1),
    ("100-continue in capitals", put("/body", b"hello", "Expect: 100-Continue"), [100, 200], 1),
    ("100-continue without a body", get("/echo", "Expect: 100-continue"), [200], 1),
    ("identity as content encoding", put("/body", b"a", "Content-Encoding: identity"), [200], 1),
    ("an address that is nowhere", get("/nowhere"), [404], 0),
    ("a slash too many", get("/echo/"), [404], 0),
    ("a slash too few", get("/folder"), [404], 0),
    ("the slash that belongs there", get("/folder/"), [200], 1),
    ("a method it does not take", request("DELETE", "/echo"), [405], 0),
    ("PROPFIND", request("PROPFIND", "/echo"), [405], 0),
    ("LOCK", request("LOCK", "/echo"), [405], 0),
    ("PUT without a length", request("PUT", "/body"), [411], 0),
    ("a missing token", request("PUT", "/publish", "Content-Length: 0"), [401], 0),
    ("a fault", get("/broken"), [500], 0),
    # addresses
    ("%00", get("/echo%00"), [400], 0),
    ("%00 in the middle", get("/echo%00/../count"), [400], 0),
    ("%2F", get("/echo/a%2fb/and/c"), [400], 0),
    ("%5C", get("/echo/a%5cb/and/c"), [400], 0),
    ("a backslash", get("/echo\\count"), [400], 0),
    ("%0d%0a", get("/echo%0d%0aSet-Cookie:%20a=b"), [400], 0),
    ("%0a", get("/echo%0a"), [400], 0),
    ("%7f", get("/echo%7f"), [400], 0),
    ("an escape that is none", get("/%zz%4"), [400], 0),
    ("half an escape", get("/echo%2"), [400], 0),
    ("a lone percent sign", get("/echo%"), [400], 0),
    ("..", get("/echo/../count"), [400], 0),
    ("%2e%2e", get("/echo/%2e%2E/count"), [400], 0),
    (".", get("/./echo"), [400], 0),
    ("//", get("//echo"), [400], 0),
    ("// in the middle", get("/echo//a/and/b"), [400], 0),
    ("invalid UTF-8", get("/echo/%ff/and/b"), [400], 0),
    ("an overlong dot", get("/echo/%c0%ae/and/b"), [400], 0),
    ("half a surrogate pair", get("/echo/%ed%a0%80/and/b"), [400], 0),
    ("a fragment", get("/echo#a"), [400], 0),
    ("a quotation mark", get('/echo"'), [400], 0),
    ("a bad escape in the query", get("/echo?a=%zz"), [400], 0),
    ("%00 in the query", get("/echo?a=%00"), [400], 0),
    ("%0d%0a in the query", get("/echo?a=%0d%0a"), [400], 0),
    ("a parameter without a name", get("/echo?=1"), [400], 0),
    ("a path over the limit", get("/" + "a" * 2048), [431], 0),
    ("a query over the limit", get("/echo?" + "a" * (12 * 1024 + 1)), [431], 0),
    ("too many parameters", get("/echo?" + "a&" * 512), [431], 0),
    ("too many segments", get("/a" * 17), [431], 0),
]

# What ends the connection: (name, bytes, statuses, requests handled)
ENDS = [
    ("HTTP/1.0", get("/echo", version="HTTP/1.0"), [200], 1),
    ("HTTP/1.0 without Host", get("/echo", "A: b", version="HTTP/1.0", host=None), [200], 1),
    ("HTTP/1.0 with Expect", put("/body", b"a", "Expect: 100-continue", version="HTTP/1.0"), [200], 1),
    ("Connection: close", get("/echo", "Connection: close"), [200], 1),
    ("Connection: Close, TE", get("/echo", "Connection: Close, TE"), [200], 1),
    ("an upgrade we ignore", get("/echo", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"), [200], 1),
    # request lines
    ("no headers at all", get("/echo", version="HTTP/1.0", host=None), [400], 0),
    ("HTTP/0.9", b"GET /echo\r\n\r\n", [400], 0),
    ("HTTP/1.2", get("/echo", version="HTTP/1.2"), [400], 0),
    ("HTTP/2.0", get("/echo", version="HTTP/2.0"), [400], 0),
    ("HTTP/1.1x", get("/echo", version="HTTP/1.1x"), [400], 0),
    ("http/1.1", get("/echo", version="http/1.1"), [400], 0),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400], 0),
    ("an unknown method", request("BREW", "/echo"), [400], 0),
    ("TRACE", request("TRACE", "/echo"), [400], 0),
    ("a method in lower case", request("get", "/echo"), [400], 0),
    ("two spaces before the target", b"GET  /echo HTTP/1.1\r\n" + HOST + END, [400], 0),
    ("two spaces behind the target", b"GET /echo  HTTP/1.1\r\n" + HOST + END, [400], 0),
    ("a space behind the version", b"GET /echo HTTP/1.1 \r\n" + HOST + END, [400], 0),
    ("a space in the target", get("/echo a"), [400], 0),
    ("tabs in the request line", b"GET\t/echo\tHTTP/1.1\r\n" + HOST + END, [400], 0),
    ("NUL in the request line", b"GET /echo\0 HTTP/1.1\r\n" + HOST + END, [400], 0),
    ("a byte >= 0x80 in the target", get("/caf\xe9"), [400], 0),
    ("UTF-8 in the target", get("/caf\xc3\xa9"), [400], 0),
    ("an empty line first", END + get("/echo"), [400], 0),
    ("two empty lines first", END + END + get("/echo"), [400], 0),
    ("line feeds first", b"\n\n" + get("/echo"), [400], 0),
    ("a space first", b" " + get("/echo"), [400], 0),
    ("bare line feeds", get("/echo").replace(b"\r\n", b"\n"), [400], 0),
    ("a bare line feed behind the request line", b"GET /echo HTTP/1.1\n" + HOST + END, [400], 0),
    ("bare carriage returns", LINE + b"Host: x\rA: b\r\n\r\n", [400], 0),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50, [400], 0),
    ("OPTIONS *", request("OPTIONS", "*"), [], 0),
    ("GET *", get("*"), [], 0),
    ("another host", get("http://other.example/echo"), [], 0),
    ("another port", get("http://127.0.0.1:1/echo"), [], 0),
    ("a target that is no address", get("echo"), [400], 0),
    ("CONNECT", request("CONNECT", "other.example:443"), [400], 0),
    # headers
    ("65 headers", many_headers(65), [431], 0),
    ("65 headers, the last a length", many_headers(64)[:-2] + b"Content-Length: 5\r\n\r\n", [431], 0),
    ("500 headers", many_headers(500), [431], 0),
    ("a head one byte too long", filled(HEAD_LIMIT + 1), [431], 0),
    ("a very long target", get("/" + "a" * 20000), [431], 0),
    ("a folded header", get("/echo", "A: b", " c"), [400], 0),
    ("a header folded with a tab", get("/echo", "A: b", "\tc"), [400], 0),
    ("a folded length", get("/echo", "A: b", " Content-Length: 50"), [400], 0),
    ("a folded first header", get("/echo", " A: b", host=None), [400], 0),
    ("a space before the colon", get("/echo", "A : b"), [400], 0),
    ("a length with a space before the colon", get("/echo", "Content-Length : 5"), [400], 0),
    ("a line without a colon", get("/echo", "Abc"), [400], 0),
    ("a header without a name", get("/echo", ": b"), [400], 0),
    ("a name with a byte >= 0x80", get("/echo", "\xe9: b"), [400], 0),
    ("a length behind a name with such a byte", get("/echo", "\xe9: b", "Content-Length: 5"), [400], 0),
    ("a name that is no token", get("/echo", "A(b): c"), [400], 0),
    ("a value with a byte >= 0x80", get("/echo", "A: caf\xe9"), [400], 0),
    ("a value with NUL", get("/echo", "A: b\0c"), [400], 0),
    ("a value with a tab", get("/echo", "A: b\tc"), [400], 0),
    ("a value with an escape character", get("/echo", "A: \x1b[0m"), [400], 0),
    ("no Host", get("/echo", "A: b", host=None), [400], 0),
    ("two Hosts", get("/echo", "Host: x"), [400], 0),
    ("a Host with a path", get("/echo", host="Host: a/b"), [400], 0),
    ("a Host with a user", get("/echo", host="Host: a@b"), [400], 0),
    ("two tokens", get("/echo", "Authorization: Bearer a", "Authorization: Bearer b"), [400], 0),
    ("two content types", put("/body", b"", "Content-Type: a/b", "Content-Type: a/b"), [400], 0),
    ("a websocket", get("/echo", "Connection: Upgrade", "Upgrade: websocket"), [400], 0),
    ("another expectation", put("/body", SMUGGLED, "Expect: 200-ok"), [417], 0),
    # bodies and their framing
    ("a body one byte over the limit", put("/body", b"b" * (LIMIT + 1)), [413], 0),
    ("such a body and 100-continue", put("/body", b"b" * (LIMIT + 1), "Expect: 100-continue"), [413], 0),
    ("a body no address takes", get("/echo", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), [413], 0),
    ("a body nowhere", put("/nowhere", SMUGGLED), [404], 0),
    ("a body for another method", request("DELETE", "/body", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), [405], 0),
    ("a body without a token", put("/publish", SMUGGLED), [401], 0),
    ("a body without a token and 100-continue", put("/publish", SMUGGLED, "Expect: 100-continue"), [401], 0),
    ("a packed body", put("/body", SMUGGLED, "Content-Encoding: gzip"), [415], 0),
    ("a signed length", request("PUT", "/body", "Content-Length: +5", body=b"hello"), [400], 0),
    ("a negative length", request("PUT", "/body", "Content-Length: -5", body=b"hello"), [400], 0),
    ("a hexadecimal length", request("PUT", "/body", "Content-Length: 0x5", body=b"hello"), [400], 0),
    ("a length with a space", request("PUT", "/body", "Content-Length: 5 ", body=b"hello"), [400], 0),
    ("a list of lengths", request("PUT", "/body", "Content-Length: 5, 5", body=b"hello"), [400], 0),
    ("an empty length", request("PUT", "/body", "Content-Length:", body=b"hello"), [400], 0),
    ("a length in words", request("PUT", "/body", "Content-Length: five", body=b"hello"), [400], 0),
    ("a length of 23 digits", request("PUT", "/body", "Content-Length: 99999999999999999999999"), [413], 0),
    ("a length of 10 digits", request("PUT", "/body", "Content-Length: 9999999999"), [413], 0),
    ("the largest length", request("PUT", "/body", "Content-Length: 9223372036854775807"), [413], 0),
    ("the same length twice", put("/body", b"hello", "Content-Length: 5"), [400], 0),
    ("two lengths", put("/body", SMUGGLED, "Content-Length: 0"), [400], 0),
    ("two lengths, the other first", request("PUT", "/body", "Content-Length: 0", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), [400], 0),
    ("chunks", chunked(), [411], 0),
    ("chunks and a length", chunked("Content-Length: 5"), [400], 0),
    ("a length and chunks", request("POST", "/body", "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED), [400], 0),
    ("chunks on GET", get("/echo", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED), [411], 0),
    ("CHUNKS", request("POST", "/body", "TRANSFER-ENCODING: CHUNKED", body=b"0\r\n\r\n" + SMUGGLED), [411], 0),
    ("chunks twice", chunked("Transfer-Encoding: chunked"), [400], 0),
    ("chunks and identity", chunked("Transfer-Encoding: identity"), [400], 0),
    ("identity", request("POST", "/body", "Transfer-Encoding: identity", "A: b", body=SMUGGLED), [501], 0),
    ("identity and a length", request("POST", "/body", "Transfer-Encoding: identity", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), [400], 0),
    ("an unknown encoding", request("POST", "/body", "Transfer-Encoding: xchunked", body=SMUGGLED), [400], 0),
    ("a list of encodings", request("POST", "/body", "Transfer-Encoding: gzip, chunked", body=SMUGGLED), [400], 0),
    ("chunks in disguise", request("POST", "/body", "Transfer-Encoding:\x0bchunked", body=SMUGGLED), [400], 0),
    ("chunks with a space before the colon", request("POST", "/body", "Transfer-Encoding : chunked", body=SMUGGLED), [400], 0),
    ("chunks in a folded line", request("POST", "/body", "Transfer-Encoding:", " chunked", body=SMUGGLED), [400], 0),
    ("an endless chunk", request("POST", "/body", "Transfer-Encoding: chunked", body=b"8000000000000000\r\nx"), [411], 0),
]

# What never becomes a whole request: sent, then the client's side is closed.
UNFINISHED = [
    ("nothing", b"", [], 0),
    ("an empty line", END, [408], 0),
    ("empty lines", END * 2, [400], 0),
    ("line feeds", b"\n\n", [400], 0),
    ("half a request line", b"GET /ec", [408], 0),
    ("a head without its end", LINE + HOST, [408], 0),
    ("a body too short", request("PUT", "/body", "Content-Length: 10", body=b"hello"), [400], 0),
    ("no body", request("PUT", "/body", "Content-Length: 10"), [400], 0),
    ("100-continue and no body", request("PUT", "/body", "Content-Length: 10", "Expect: 100-continue"), [100, 400], 0),
]


def judge(probe, sent, statuses, handled, **keywords):
    before = probe.handled()
    responses = probe.talk(sent, **keywords)
    assert [response.status for response in responses] == statuses
    assert probe.handled() - before == handled
    for response in responses:
        if response.status != 100:
            assert response.headers["x-request-id"]
            assert response.headers["x-content-type-options"] == "nosniff"
            assert not [name for name in response.headers if name.startswith("access-control")]
        if response.status >= 400:
            check_problem(response)
    return responses


def check_problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    problem = response.json
    assert problem["status"] == response.status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["code"] and problem["detail"]
    assert "secret" not in problem["detail"]


def ids(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize("name, sent, statuses, handled", GOES_ON, ids=ids(GOES_ON))
def test_the_connection_goes_on(probe, name, sent, statuses, handled):
    responses = judge(probe, sent + SENTINEL, [*statuses, 200], handled + 1)
    assert responses[-1].json["path"] == "/echo"
    assert responses[-1].headers["connection"] == "close"


@pytest.mark.parametrize("name, sent, statuses, handled", ENDS, ids=ids(ENDS))
def test_the_connection_ends(probe, name, sent, statuses, handled):
    responses = judge(probe, sent + SENTINEL, statuses, handled)
    assert all(response.headers["connection"] == "close" for response in responses)


@pytest.mark.parametrize("name, sent, statuses, handled", UNFINISHED, ids=ids(UNFINISHED))
def test_what_is_unfinished_is_not_served(probe, name, sent, statuses, handled):
    judge(probe, sent, statuses, handled, half_close=True)


def test_the_corpus_is_large_enough():
    assert len(GOES_ON) + len(ENDS) + len(UNFINISHED) >= 100
