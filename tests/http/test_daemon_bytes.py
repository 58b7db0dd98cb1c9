# SPDX-License-Identifier: MIT
"""The daemon itself, byte by byte: its routes stand behind the same guard as the probe's, and what
is hidden in the body of one request is never done."""

import json

import pytest
from support.http_probe import get, put, request, talk

SENTINEL = get("/healthz", "Connection: close")
DOCUMENT_LIMIT = 1024 * 1024


@pytest.fixture(scope="module")
def ask(daemon):
    host, _, port = daemon.address.rpartition(":")
    return lambda sent, **keywords: talk((host, int(port)), sent, **keywords)


@pytest.fixture(scope="module")
def token(daemon):
    return f"Authorization: Bearer {daemon.publisher_token}"


def statuses(responses):
    return [response.status for response in responses]


@pytest.mark.parametrize(
    "sent, expected",
    [
        (get("/v1") * 3, [200, 200, 200, 200]),
        (get("/v1/groups/a%2Fb"), [400, 200]),
        (get("/v1/packages/%2e%2e/releases/1"), [400, 200]),
        (get("/v1/resolve?group=a%00b"), [400, 200]),
        (get("/v1/resolve?group=%ff"), [400, 200]),
        (get("/v1//groups"), [400, 200]),
        (get("/v1", "A: b", " c"), [400]),
        (b"\r\n\r\n" + get("/v1"), [400]),
        (get("/v1", "Host: y"), [400]),
        (get("/v1", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), [411]),
        (request("PUT", "/v1/packages/a/releases/1"), [411, 200]),
        (request("OPTIONS", "/v1/packages/a/releases/1"), [204, 200]),
        (request("DELETE", "/v1/packages/a/releases/1"), [405, 200]),
        (request("POST", "/v1/check", f"Content-Length: {DOCUMENT_LIMIT + 1}"), [413]),
        (put("/v1/packages/a/releases/1", b"{}"), [401]),
        (put("/v1/packages/a/releases/1", b"{}", "Expect: 100-continue"), [401]),
    ],
)
def test_the_guard_stands_before_every_route(ask, sent, expected):
    responses = ask(sent + SENTINEL)
    assert statuses(responses) == expected
    for response in responses:
        assert response.headers["x-request-id"]
        assert int(response.headers["x-registry-serial"]) >= 0
        assert response.headers["x-registry-epoch"]


def test_a_publish_hidden_in_a_body_is_not_done(ask, token):
    document = json.dumps({"name": "hidden", "version": "1.0"}).encode()
    hidden = put("/v1/packages/hidden/releases/1.0", document, token)
    for carrier in (
        request("POST", "/v1/check", f"Content-Length: {len(hidden)}", body=hidden),
        request("POST", "/v1/check", "Content-Length: 0", f"Content-Length: {len(hidden)}", body=hidden),
        request("POST", "/v1/check", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden),
        request("POST", "/v1/check", "A: b", " Content-Length: 0", body=hidden),
        get("/v1", f"Content-Length: {len(hidden)}", body=hidden),
        put("/v1/packages/other/releases/1.0", hidden),
    ):
        responses = ask(carrier, half_close=True)
        assert len(responses) == 1
        assert responses[0].status >= 400
    (answer,) = ask(get("/v1/packages/hidden", "Connection: close"))
    assert answer.status == 404


def test_a_document_at_the_limit_is_read_and_one_byte_more_is_not(ask):
    at_limit = b" " * (DOCUMENT_LIMIT - 2) + b"{}"
    (judged,) = ask(request("POST", "/v1/check", f"Content-Length: {len(at_limit)}", "Connection: close", body=at_limit))
    assert judged.status != 413
    (refused,) = ask(request("POST", "/v1/check", f"Content-Length: {len(at_limit) + 1}", body=at_limit + b" "))
    assert refused.status == 413
    assert refused.json["code"] == "too-large"
