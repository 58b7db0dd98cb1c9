# SPDX-License-Identifier: MIT
"""The scope import: no pace, and the times of another registry, for as long as it is granted."""

import time

import pytest
from support.access import grant, make_token
from support.artifacts import wheel
from support.daemon import Daemon

PUBLISH = ["publish:new", "publish:update"]
THEN = "2019-03-04T05:06:07.125Z"


@pytest.fixture(scope="module")
def slow(cluster):
    """A daemon that lets a token create two packages, and publish four times."""
    with Daemon(arguments=["--database-url", cluster.create_database(), "--new-names-per-hour", "20",
                           "--new-names-burst", "2", "--publishes-per-minute", "4"]) as daemon:
        yield daemon


def upload(daemon, token, name, version="1.0", uploaded_at=None):
    filename, data = wheel(name, version)
    query = f"?filename={filename}" + (f"&uploaded_at={uploaded_at}" if uploaded_at else "")
    return daemon.request("POST", f"/v1/artifacts{query}", data, token=token,
                          headers={"Content-Type": "application/octet-stream"})


def page(daemon, name):
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    return {file["filename"]: file for file in daemon.get(f"/simple/{name}/", headers=accept).json["files"]}


def test_an_import_has_no_pace_and_keeps_times(slow, refused):
    token = make_token(slow, "mover", [*PUBLISH, "import"], grant=True, days=1)
    for number in range(10):
        assert upload(slow, token, f"mover-{number}", uploaded_at=THEN).status == 201
    assert page(slow, "mover-0")["mover_0-1.0-py3-none-any.whl"]["upload-time"] == THEN
    shown = slow.get("/v1/packages/mover-0").json["releases"][0]
    assert shown["published_at"] == THEN
    # the release is there by now: its time stays, and the second file has its own
    again = wheel("mover-0", "1.0", tag="py2-none-any")
    answer = slow.request("POST", f"/v1/artifacts?filename={again[0]}&uploaded_at=2018-01-01T00:00:00Z", again[1],
                          token=token, headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201
    assert page(slow, "mover-0")[again[0]]["upload-time"] == "2018-01-01T00:00:00.000Z"
    assert slow.get("/v1/packages/mover-0").json["releases"][0]["published_at"] == THEN
    # sending the same again, with another time, changes nothing
    answer = upload(slow, token, "mover-0", uploaded_at="2001-01-01T00:00:00Z")
    assert answer.status == 200 and answer.json["created"] is False
    assert page(slow, "mover-0")["mover_0-1.0-py3-none-any.whl"]["upload-time"] == THEN
    events = slow.get("/v1/audit?limit=1000", token=slow.admin_token).json["events"]
    detail = next(e["detail"] for e in events if e["action"] == "artifact" and e["subject"].startswith("mover-0 "))
    assert detail["imported"] is True and detail["uploaded_at"] == THEN


def test_without_the_scope(slow, refused):
    token = make_token(slow, "walker", PUBLISH, grant=True)
    answer = upload(slow, token, "walker-0", uploaded_at=THEN)
    refused(answer, 403, "forbidden")
    assert "scope import" in answer.json["detail"]
    assert upload(slow, token, "walker-0").status == 201
    assert upload(slow, token, "walker-1").status == 201
    answer = upload(slow, token, "walker-2")
    refused(answer, 429, "too-many-requests")
    assert "scope import" in answer.json["detail"] and int(answer.headers["Retry-After"]) > 100


@pytest.mark.parametrize("moment", ["yesterday", "2999-01-01T00:00:00Z", "2019-02-30T00:00:00Z", "2019-03-04",
                                    "2019-03-04T05:06:07", "2019-03-04T05:06:07.Z", "2019-03-04T05:06:07.1234567Z",
                                    "2019-03-04T05:06:07%2B01:00"])
def test_times_that_are_none(slow, refused, moment):
    token = make_token(slow, "clock", [*PUBLISH, "import"], grant=True, days=1)
    refused(upload(slow, token, "clock", uploaded_at=moment), 400, "usage")


def test_a_grant_ends(slow, refused):
    token = make_token(slow, "guest", [*PUBLISH, "import"], days=1)
    for scope in PUBLISH:
        grant(slow, "guest", scope)
    admin = {"token": slow.admin_token}
    answer = slow.request("PUT", "/v1/grants/guest/import/guest?for_seconds=3600", **admin)
    assert answer.json["changed"] and answer.json["expires_at"]
    assert upload(slow, token, "guest-1", uploaded_at=THEN).status == 201
    refused(upload(slow, token, "other", uploaded_at=THEN), 403, "forbidden")  # the grant is for guest
    shown = {(g["scope"], g["object"]): g["expires_at"] for g in slow.get("/v1/grants?team=guest", **admin).json["grants"]}
    assert shown[("import", "guest")] == answer.json["expires_at"] and shown[("publish:new", "*")] is None
    # the end is what the database's clock says
    shorter = slow.request("PUT", "/v1/grants/guest/import/guest?for_seconds=1", **admin).json
    assert shorter["changed"] and shorter["expires_at"] < answer.json["expires_at"]
    time.sleep(1.2)
    refused(upload(slow, token, "guest-2", uploaded_at=THEN), 403, "forbidden")
    assert not [g for g in slow.get("/v1/token", token=token).json["grants"] if g["scope"] == "import"]
    for wrong in ("for_seconds=2592001", "for_seconds=0", "for_seconds=x"):
        refused(slow.request("PUT", f"/v1/grants/guest/import/*?{wrong}", **admin), 400, "usage")
    # without a time: a day; of another scope: no end
    day = slow.request("PUT", "/v1/grants/guest/import/*", **admin).json["expires_at"]
    assert day > answer.json["expires_at"]
    assert slow.request("PUT", "/v1/grants/guest/yank/*", **admin).json["expires_at"] is None
    assert not slow.request("PUT", "/v1/grants/guest/yank/*", **admin).json["changed"]


def test_a_token_for_an_import_does_not_live_long(slow, refused):
    body = {"name": "long", "scopes": ["import", "publish:new"], "days": 31}
    answer = slow.post("/v1/tokens", body, token=slow.admin_token)
    refused(answer, 422, "invalid")
    assert answer.json["errors"][0]["code"] == "number-out-of-range"
    made = make_token(slow, "brief", ["import", "publish:new"], grant=True, days=2, whole=True)
    grants = slow.get("/v1/grants?team=brief", token=slow.admin_token).json["grants"]
    assert {g["scope"]: g["expires_at"] for g in grants} == {"import": made["expires_at"], "publish:new": None}
