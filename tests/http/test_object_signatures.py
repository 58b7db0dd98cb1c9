# SPDX-License-Identifier: MIT
"""Requests to an object store that checks every signature and every digest: they pass, wrong keys do not, and what is
refused or has to be repeated is handled."""

import hashlib
import http.client
import os
import urllib.parse

import pytest

from support.artifacts import wheel
from support.daemon import Daemon
from support.signed_store import SignedStore

RAW = {"Content-Type": "application/octet-stream"}


def send(daemon, filename, data):
    return daemon.post(f"/v1/artifacts?filename={urllib.parse.quote(filename)}", data, headers=RAW)


@pytest.fixture(scope="module", params=[None, "to/ken+of=hours"], ids=["keys", "token"])
def store(request):
    with SignedStore(token=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(cluster, store):
    with Daemon(arguments=["--database-url", cluster.create_database(), *store.arguments, "--files-redirect"],
                environment=store.environment) as running:
        yield running


@pytest.fixture(scope="module")
def stored(daemon):
    filename, data = wheel("signed", "1.0+local.1", files={"pad.bin": os.urandom(1_500_000)})
    answer = send(daemon, filename, data)
    assert answer.status == 201, answer.body
    return answer.json["url"], data, filename


def plain_get(daemon, path, headers=None, method="GET"):
    """Without following a redirect."""
    connection = http.client.HTTPConnection(daemon.address)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_what_is_signed_is_accepted(store, daemon, stored):
    url, data, filename = stored
    assert store.refusals == []
    assert [hashlib.sha256(one).hexdigest() for one in store.objects.values()] == [hashlib.sha256(data).hexdigest()]
    assert daemon.get(url).body == data  # by way of the redirect
    # one that may be answered 304 is not sent on, so it is passed through
    through, body = plain_get(daemon, url, {"If-None-Match": '"another"'})
    assert (through.status, body) == (200, data)
    through, body = plain_get(daemon, url, {"If-None-Match": '"another"', "Range": "bytes=1200000-"})
    assert (through.status, body) == (206, data[1200000:])
    assert store.refusals == []


def test_a_redirect_is_for_one_minute_one_method_and_one_file(store, daemon, stored):
    url, data, filename = stored
    answer, body = plain_get(daemon, url, {"Range": "bytes=0-9"})
    assert (answer.status, answer.getheader("Cache-Control")) == (302, "no-store")
    assert answer.getheader("ETag") is None and answer.getheader("Content-Range") is None
    address = answer.getheader("Location")
    query = dict(urllib.parse.parse_qsl(address.partition("?")[2]))
    assert query["X-Amz-Expires"] == "60" and query["X-Amz-SignedHeaders"] == "host"
    assert store.secret not in address
    head, _ = plain_get(daemon, url, method="HEAD")
    assert (head.status, head.getheader("Content-Length")) == (200, str(len(data)))
    connection = http.client.HTTPConnection(store.endpoint.removeprefix("http://"))

    def ask(method, target, headers=None):
        connection.request(method, target, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Disposition"), answer.read()
    target = address.removeprefix(store.endpoint)
    assert ask("GET", target) == (200, f'attachment; filename="{filename}"', data)
    assert ask("GET", target, {"Range": "bytes=5-9"})[::2] == (206, data[5:10])
    refused = [("DELETE", target), ("GET", target.replace("Expires=60", "Expires=600")),
               ("GET", target.replace("signed-1.0", "signed-1.1")), ("GET", target.replace("/signed/", "/other/"))]
    for method, wrong in refused:
        assert ask(method, wrong)[0] == 403
    assert [name for name in store.refusals if name != "SignatureDoesNotMatch"] == []
    store.refusals.clear()
    connection.close()


def test_a_quarantined_file_is_not_sent_on(daemon, stored):
    url, _, _ = stored
    release = "/v1/packages/signed/releases/1.0+local.1/status"
    assert daemon.put(release, {"status": "quarantined", "reason": "no"}).status == 200
    assert plain_get(daemon, url)[0].status == 403
    assert daemon.put(release, {"status": "live"}).status == 200
    assert plain_get(daemon, url)[0].status == 302


def test_what_passes_is_repeated_and_what_does_not_is_refused(store, daemon):
    for number, answers in enumerate(([500], [503, 503], [429], [500, 429])):
        store.answers[:] = answers
        assert send(daemon, *wheel(f"patient{number}", "1.0")).status == 201
        assert store.answers == []
    before = len(store.seen)
    store.answers[:] = [503, 503, 503]
    answer = send(daemon, *wheel("impatient", "1.0"))
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert [method for method, _, _ in store.seen[before:]] == ["PUT"] * 3 + ["DELETE"]
    store.answers[:] = [400]
    before = len(store.seen)
    assert send(daemon, *wheel("malformed", "1.0")).status == 503
    assert [method for method, _, _ in store.seen[before:]] == ["PUT", "DELETE"]
    assert "http_status=400 code=SlowDown" in daemon.log()
    assert send(daemon, *wheel("impatient", "1.0")).status == 201
    assert store.refusals == []


@pytest.mark.parametrize("change, code", [
    ({"AWS_SECRET_ACCESS_KEY": "another"}, "SignatureDoesNotMatch"), ({"AWS_ACCESS_KEY_ID": "OTHER"}, "InvalidAccessKeyId")])
def test_wrong_keys_are_a_refusal_that_the_log_explains(cluster, change, code):
    with SignedStore() as store, Daemon(arguments=["--database-url", cluster.create_database(), *store.arguments],
                                        environment=store.environment | change) as daemon:
        answer = send(daemon, *wheel("keyless", "1.0"))
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
        assert f"http_status=403 code={code}" in daemon.log()
        assert not any(value in daemon.log() for value in (store.secret, "another"))
        assert daemon.get("/v1/packages/keyless").status == 404
