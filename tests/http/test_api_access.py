# SPDX-License-Identifier: MIT
"""Who may publish: the good token, and every bad one. Bad tokens of every kind get one answer."""

import base64
import hashlib
import zlib

import pytest

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_token(body, prefix="plga_"):
    """A well-formed token with this body of 40 characters."""
    text = prefix + body
    value, checksum = zlib.crc32(text.encode()), ""
    for _ in range(6):
        checksum = DIGITS[value % 62] + checksum
        value //= 62
    return text + checksum


EXPIRED = make_token("e" * 40)
REVOKED = make_token("r" * 40)
WEAK = make_token("w" * 40)
UNKNOWN = make_token("u" * 40)


@pytest.fixture(scope="module")
def tokens(registry):
    """Rows for tokens that no route makes yet."""
    for name, token, kind, expires, revoked in (
            ("expired", EXPIRED, "admin", "now() - interval '1 second'", "NULL"),
            ("revoked", REVOKED, "admin", "NULL", "now()"),
            ("weak", WEAK, "user", "NULL", "NULL")):
        digest = hashlib.sha256(token.encode()).hexdigest()
        registry.sql("INSERT INTO tokens (name, kind, hash, expires_at, revoked_at) VALUES "
                     f"('{name}', '{kind}', '\\x{digest}', {expires}, {revoked})")
    return registry


def put(registry, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    return registry.put("/v1/packages/access/releases/1.0", {"name": "access", "version": "1.0"},
                        token=None, headers=headers)


def without_request_id(problem):
    return {key: value for key, value in problem.items() if key != "request_id"}


def test_without_a_token(tokens, refused):
    answer = put(tokens, None)
    problem = refused(answer, 401, "unauthorized")
    assert "Authorization: Bearer" in problem["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.fixture(scope="module")
def bad_credentials(tokens):
    good = tokens.publisher_token
    wrong_basic = base64.b64encode(b"user:" + UNKNOWN.encode()).decode()
    return {
        "unknown": f"Bearer {UNKNOWN}",
        "expired": f"Bearer {EXPIRED}",
        "revoked": f"Bearer {REVOKED}",
        "not well formed": "Bearer hunter2",
        "one character off": f"Bearer {good[:-1]}{'a' if good[-1] != 'a' else 'b'}",
        "another case": f"Bearer {good.swapcase()}",
        "empty": "Bearer ",
        "too much": f"Bearer {good} {good}",
        "very long": "Bearer " + "a" * 8000,
        "another scheme": f"Digest {good}",
        "no scheme": good,
        "scheme alone": "Bearer",
        "unknown in basic": f"Basic {wrong_basic}",
        "no base64": "Basic !!!",
        "basic without a colon": "Basic " + base64.b64encode(good.encode()).decode(),
        "token as the user": "Basic " + base64.b64encode(good.encode() + b":").decode(),
    }


def test_bad_tokens_are_not_told_apart(tokens, refused, bad_credentials):
    problems = {}
    for title, authorization in bad_credentials.items():
        answer = put(tokens, authorization)
        problems[title] = without_request_id(refused(answer, 401, "unauthorized"))
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), title
    assert len({str(problem) for problem in problems.values()}) == 1, problems
    assert tokens.get("/v1/packages/access").status == 404


def test_bad_tokens_cost_the_same_work(tokens, refused, bad_credentials):
    """Each is looked up in the database, the malformed too: without a database none gets a verdict."""
    tokens.sql("ALTER TABLE tokens RENAME TO tokens_away")
    try:
        for title, authorization in bad_credentials.items():
            answer = put(tokens, authorization)
            assert answer.status >= 500, title
        refused(put(tokens, None), 401, "unauthorized")
    finally:
        tokens.sql("ALTER TABLE tokens_away RENAME TO tokens")
    refused(put(tokens, bad_credentials["no base64"]), 401, "unauthorized")


def test_a_weak_token_is_forbidden(tokens, refused):
    problem = refused(put(tokens, f"Bearer {WEAK}"), 403, "forbidden")
    assert "weak" in problem["detail"]
    assert tokens.get("/v1/packages/access").status == 404


def test_reading_needs_no_token_and_minds_no_bad_one(tokens, bad_credentials):
    for authorization in (None, bad_credentials["unknown"]):
        headers = {"Authorization": authorization} if authorization else {}
        for path in ("/v1", "/v1/groups", "/v1/packages", "/v1/changes", "/v1/resolve?group=g"):
            assert tokens.get(path, headers=headers).status == 200
        # a check with a token is judged by its rights, so the token must be good
        answer = tokens.post("/v1/check", {"name": "x", "version": "1"}, token=None, headers=headers)
        assert answer.status == (401 if authorization else 200)


def test_an_administrator_does_not_publish(tokens, refused):
    problem = refused(put(tokens, f"Bearer {tokens.admin_token}"), 403, "forbidden")
    assert "registryctl token create" in problem["detail"]
    answer = tokens.request("POST", "/v1/artifacts?filename=x-1.0.tar.gz", b"x", token=tokens.admin_token)
    refused(answer, 403, "forbidden")


def test_the_token_is_judged_before_the_body(tokens, refused):
    answer = tokens.put("/v1/packages/access/releases/1.0", b"{", token=UNKNOWN)
    refused(answer, 401, "unauthorized")


@pytest.mark.parametrize("form", ["bearer", "BEARER", "basic", "spaces"])
def test_the_good_token_in_every_form(tokens, form):
    token = tokens.publisher_token
    authorization = {
        "bearer": f"bearer {token}",
        "BEARER": f"BEARER {token}",
        "spaces": f"Bearer   {token}  ",
        "basic": "Basic " + base64.b64encode(b"__token__:" + token.encode()).decode(),
    }[form]
    assert put(tokens, authorization).status in (200, 201)


def test_an_expiry_ahead_is_no_obstacle_until_it_comes(tokens, refused):
    token = make_token("s" * 40)
    digest = hashlib.sha256(token.encode()).hexdigest()
    tokens.sql("INSERT INTO tokens (name, kind, team, scopes, hash, expires_at) VALUES ('soon', 'user', "
               "'publisher', '{publish:new,publish:update}', "
               f"'\\x{digest}', now() + interval '1 hour')")
    assert put(tokens, f"Bearer {token}").status in (200, 201)
    tokens.sql("UPDATE tokens SET revoked_at = now() WHERE name = 'soon'")  # at once
    refused(put(tokens, f"Bearer {token}"), 401, "unauthorized")


def test_only_hashes_are_kept(tokens):
    dump = tokens.sql("SELECT tokens::text FROM tokens")
    assert tokens.admin_token not in str(dump)
    assert tokens.admin_token not in tokens.log()
