# SPDX-License-Identifier: MIT
"""Bodies of forms that are not quite forms: each gets its exact status, the daemon stays healthy, and no file of an
upload is left."""

import base64
import itertools
import socket
import time

import pytest

from support.artifacts import wheel
from test_legacy import encode, fields_of, open_files, post

B = "xyz"
TYPE = f"multipart/form-data; boundary={B}"
FILENAME, DATA = wheel("malformed", "1.0")
FIELDS = fields_of("malformed", "1.0", DATA)
GOOD = encode(FIELDS, FILENAME, DATA, boundary=B)[1]
DISPOSITION = 'Content-Disposition: form-data; '


def part(head, content=b"v"):
    return f"--{B}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts):
    return b"".join(parts) + f"--{B}--\r\n".encode()


def field(name, value="v"):
    return part(f'{DISPOSITION}name="{name}"', value.encode())


def file(filename=FILENAME, data=DATA, extra=""):
    return part(f'{DISPOSITION}name="content"; filename="{filename}"{extra}', data)


TEXTS = [field(name, value) for name, value in FIELDS]


def boundaries():
    """Content types without one proper boundary."""
    for number, kind in enumerate([
            "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary",
            "multipart/form-data; boundary=", 'multipart/form-data; boundary=""',
            "multipart/form-data; boundary=xyz; boundary=xyz", 'multipart/form-data; boundary="xyz',
            'multipart/form-data; boundary="xyz "', "multipart/form-data; boundary=x{z",
            "multipart/form-data; boundary=" + "x" * 71, "multipart/form-data; boundary=abc",
            "multipart/form-data; boundary=XYZ", "multipart/form-data; boundary=xyz xyz",
            "multipart/form-data; charset=utf-8", "multipart/form-data; =xyz"]):
        yield f"boundary-{number}", kind, GOOD, 400
    for number, kind in enumerate(["application/octet-stream", "text/plain", "application/json",
                                   "multipart/mixed; boundary=xyz", "application/x-www-form-urlencoded",
                                   "multipart/form-dat; boundary=xyz"]):
        yield f"type-{number}", kind, GOOD, 400


def around():
    """What stands before, between and behind the parts."""
    end = f"--{B}--\r\n".encode()
    for name, body in {
            "preamble": b"preamble\r\n" + GOOD, "space-first": b" " + GOOD, "two-breaks": b"\r\n\r\n" + GOOD,
            "epilogue": GOOD + b"more", "epilogue-line": GOOD + b"\r\n", "no-end": GOOD.removesuffix(end),
            "half-end": GOOD.removesuffix(b"--\r\n"), "one-hyphen": GOOD.removesuffix(b"-\r\n"),
            "end-and-line-feed": GOOD.removesuffix(b"\r\n") + b"\n", "only-end": end, "only-start": f"--{B}".encode(),
            "only-break": b"\r\n", "hyphens": b"----", "nul": b"\0", "bytes": bytes(range(256)),
            "line-feeds": GOOD.replace(b"\r\n", b"\n"), "carriage-returns": GOOD.replace(b"\r\n", b"\r"),
            "boundary-and-space": GOOD.replace(f"--{B}\r\n".encode(), f"--{B} \r\n".encode(), 2),
            "longer-boundary": GOOD.replace(f"--{B}\r\n".encode(), f"--{B}z\r\n".encode()),
            "twice": GOOD + GOOD, "end-first": end + GOOD}.items():
        yield f"around-{name}", TYPE, body, 400


def headers():
    """Parts whose head is wrong."""
    for number, head in enumerate([
            "", "name=a", "Content-Disposition", "Content-Disposition:", "Content-Disposition: form-data",
            "Content-Disposition: attachment; name=a", "Content-Disposition: form-data, name=a",
            DISPOSITION + "name=", DISPOSITION + 'name="a', DISPOSITION + 'name="a"b', DISPOSITION + "name=a b",
            DISPOSITION + "name=a; name=b", DISPOSITION + "name=a; filename=f; filename=g",
            DISPOSITION + "name=a; filename*=utf-8''f", DISPOSITION + 'name="a\\"b"', DISPOSITION + "filename=f",
            DISPOSITION + 'name="a\tb"', DISPOSITION + "name=a; x=y", DISPOSITION + "name=a;", DISPOSITION + "=a",
            DISPOSITION + "name=a\r\n" + DISPOSITION + "name=a", DISPOSITION + "name=a\r\n folded",
            DISPOSITION + "name=a\r\n\tfolded", DISPOSITION + "name=a\r\nX-Other: 1",
            DISPOSITION + "name=a\r\nContent-Transfer-Encoding: base64",
            DISPOSITION + "name=a\r\nContent-Transfer-Encoding: quoted-printable",
            DISPOSITION + "name=a\r\nContent-Type: a\r\nContent-Type: b", " " + DISPOSITION + "name=a",
            DISPOSITION.replace(":", " :") + "name=a", DISPOSITION + "name=a\r\n: x",
            DISPOSITION + 'name="\x01"', DISPOSITION + 'name="a\x7f"', DISPOSITION + "name=a" + "; x" * 500,
            DISPOSITION + f'name="{"a" * 3000}"', "X" * 5000, DISPOSITION + "name=a\r\n" + "Content-Type: x\r\n" * 200,
            "Content-Type: multipart/mixed; boundary=inner\r\n" + DISPOSITION, "\0", DISPOSITION + 'name="a\0"']):
        yield f"header-{number}", TYPE, form(*TEXTS, part(head), file()), 400
    for number, head in enumerate([b'name="\xff"', b'name="\xc3"', b'name="\xed\xa0\x80"', b'name="a"; filename="\xfe"']):
        body = f"--{B}\r\n{DISPOSITION}".encode() + head + b"\r\n\r\nv\r\n"
        yield f"utf8-header-{number}", TYPE, body + form(*TEXTS, file()), 400


def missing():
    """Whole forms that lack something, or have it twice."""
    for name in (":action", "metadata_version", "name", "version", "sha256_digest"):
        yield f"without-{name.strip(':')}", TYPE, form(*[field(*p) for p in FIELDS if p[0] != name], file()), 400
        given = dict(FIELDS)[name]
        yield f"twice-{name.strip(':')}", TYPE, form(*TEXTS, field(name, given), file()), 400
        yield f"not-utf8-{name.strip(':')}", TYPE, form(
            part(f'{DISPOSITION}name="{name}"', b"\xff"), *TEXTS, file()), 400
        yield f"nul-{name.strip(':')}", TYPE, form(part(f'{DISPOSITION}name="{name}"', b"a\0b"), *TEXTS, file()), 400
        yield f"long-{name.strip(':')}", TYPE, form(field(name, "x" * 5000), *TEXTS, file()), 413
    yield "no-file", TYPE, form(*TEXTS), 400
    yield "file-as-text", TYPE, form(*TEXTS, field("content", "x")), 400
    yield "two-files", TYPE, form(*TEXTS, file(), file()), 400
    yield "empty-file", TYPE, form(*TEXTS, file(data=b"")), 400
    yield "file-under-another-name", TYPE, form(*TEXTS, part(f'{DISPOSITION}name="file"; filename="{FILENAME}"', DATA)), 400
    yield "not-an-archive", TYPE, form(*[field(*p) for p in fields_of("malformed", "1.0", b"no zip")],
                                       file(data=b"no zip")), 400
    yield "no-fields", TYPE, form(file()), 400
    for number, filename in enumerate([
            "", "a.txt", "malformed.whl", "malformed-1.0.exe", "malformed-1.0.tar.bz2", "../malformed-1.0.tar.gz",
            "/etc/malformed-1.0.tar.gz", "malformed-1.0-py3-none-any.whl.exe", "mal formed-1.0.tar.gz",
            "malformed-one.tar.gz", "-1.0.tar.gz", "m" * 250 + "-1.0.tar.gz", "malf\u00f6rmed-1.0.tar.gz",
            "malformed-1.0-py3-none-any-x-y-z.whl", "malformed-1.0;py3-none-any.whl", "other-1.0-py3-none-any.whl",
            "malformed-2.0-py3-none-any.whl"]):
        yield f"filename-{number}", TYPE, form(*TEXTS, file(filename)), 400


def many():
    yield "ten-thousand-parts", TYPE, form(*[field("classifiers")] * 10_000, *TEXTS, file()), 413
    yield "many-empty-parts", TYPE, form(*[field("x", "")] * 5_000), 413
    yield "nested", TYPE, form(*TEXTS, part(DISPOSITION + "name=a\r\nContent-Type: multipart/mixed; boundary=in",
                                            b"--in\r\n\r\nv\r\n--in--"), file(data=b"")), 400
    yield "nested-end", TYPE, form(*TEXTS, file(data=f"--{B}--\r\n".encode() + DATA)), 400


def cut():
    """Whole bodies, each a form that was cut somewhere."""
    for at in range(7, len(GOOD) - 6, len(GOOD) // 20):
        yield f"cut-{at}", TYPE, GOOD[:at], 400


CASES = [*boundaries(), *around(), *headers(), *missing(), *many(), *cut()]


def test_there_are_enough():
    assert len(CASES) >= 150 and len({case[0] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("name, kind, body, status", CASES, ids=[case[0] for case in CASES])
def test_it_is_refused_exactly(registry, name, kind, body, status):
    answer = post(registry, (kind, body))
    assert answer.status == status, (name, answer.body)
    assert answer.body
    assert registry.get("/healthz").status == 200
    assert registry.get("/v1/packages/malformed").status == 404
    assert not open_files(registry)


def test_the_same_form_is_good_when_nothing_is_wrong_with_it(registry):
    name = registry.new_name("good")
    filename, data = wheel(name, "1.0")
    content_type, body = encode(fields_of(name, "1.0", data), filename, data, boundary=B)
    assert post(registry, (content_type, b"\r\n" + body)).status == 200  # as old distutils begins


# ---- bodies that do not come whole ----

def connect(registry, body_len, sent):
    """A connection on which only the beginning of a form was sent."""
    host, port = registry.address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    basic = base64.b64encode(f"__token__:{registry.publisher_token}".encode()).decode()
    connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n"
                       f"Content-Type: {TYPE}\r\nContent-Length: {body_len}\r\n\r\n".encode() + sent)
    return connection


def wait_until_gone(registry):
    end = time.monotonic() + 20
    while open_files(registry):
        assert time.monotonic() < end, open_files(registry)
        time.sleep(0.05)


@pytest.mark.parametrize("at", sorted({*range(0, len(GOOD), max(1, len(GOOD) // 24)), len(GOOD) - 1}))
def test_a_body_that_ends_early(registry, at):
    with connect(registry, len(GOOD), GOOD[:at]) as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:200]
    wait_until_gone(registry)
    assert registry.get("/v1/packages/malformed").status == 404


def test_clients_that_leave_in_the_middle(registry):
    for at in itertools.chain(range(50, len(GOOD), 97)):
        connect(registry, len(GOOD), GOOD[:at]).close()
    wait_until_gone(registry)
    assert registry.get("/healthz").status == 200


def test_a_body_that_stops_is_cut(registry):
    """Neither the whole deadline nor the least rate is waived for an upload."""
    with connect(registry, 1_000_000, GOOD[:len(GOOD) // 2]) as connection:
        connection.settimeout(60)
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 "), answer[:200]
        assert registry.get("/healthz").status == 200
    wait_until_gone(registry)


def test_a_dripping_body_is_cut(registry):
    with connect(registry, 1_000_000, b"") as connection:
        connection.settimeout(0.2)
        end, answer = time.monotonic() + 60, b""
        for number in itertools.count():
            assert time.monotonic() < end
            try:
                connection.sendall(GOOD[number % len(GOOD):number % len(GOOD) + 1])
                answer = connection.recv(4096)
                break
            except TimeoutError:
                pass
            except OSError:
                break
    assert not answer or answer.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 ")), answer[:200]
    wait_until_gone(registry)
