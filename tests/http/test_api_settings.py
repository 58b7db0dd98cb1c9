# SPDX-License-Identifier: MIT
"""Settings are for those who may read them: not in answers, snapshots, documents, differences and pages of
anybody else, and what is named secret in no page and no difference at all."""

import json

import pytest
from support import environments
from support.access import make_token
from support.snapshot_file import Snapshot

SETTINGS = {"colour": "blue", "database": {"host": "host-one", "password": "hunter2"}, "keys": ["k-one", "k-two"]}
SECRETS = ["/database/password", "/keys/1"]
VALUES = (b"hunter2", b"k-two", b"host-one", b"blue")


@pytest.fixture(scope="module")
def world(registry):
    registry.publish("set-crm", "1.0", {"set.group": {"crm": "m:a"}})
    environments.create(registry, "settled", {"plugins": {"set-crm": {"settings": SETTINGS, "secret_settings": SECRETS}}})
    registry.reader = make_token(registry, "readers", ["environment:read:settled"], grant=True)
    registry.stranger = make_token(registry, "strangers", ["environment:read:default"], grant=True)
    registry.keeper = make_token(registry, "keepers", ["environment:settled"], grant=True)
    return registry


def addresses():
    return ["/v1/resolve?group=set.group&environment=settled", "/v1/snapshot?environment=settled",
            "/v1/environments/settled", "/v1/environments/settled/plugins/set-crm",
            "/v1/environments/settled/history", "/v1/environments/settled/diff?from=1&to=2"]


def token_of(registry, who):
    return {"anonymous": None, "a bad token": "plgt_" + "0" * 46, "a stranger": registry.stranger,
            "a reader": registry.reader, "a keeper": registry.keeper, "an administrator": registry.admin_token}[who]


@pytest.mark.parametrize("who", ["anonymous", "a bad token", "a stranger"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nobody_else_gets_settings(world, who, method):
    environments.plugin(world, "settled", "set-crm", {"settings": {"colour": "red"}})
    environments.plugin(world, "settled", "set-crm", {"settings": {"colour": "blue"}})
    for address in [*addresses(), "/environments/settled", "/environments/settled/diff?from=1&to=2"]:
        answer = world.request(method, address, token=token_of(world, who))
        assert answer.status == 200 and not any(value in answer.body for value in VALUES), address
    answer = world.get("/v1/resolve?group=set.group&environment=settled", token=token_of(world, who))
    assert answer.json["settings"] == "left-out" and "settings" not in answer.json["records"][0]
    assert [row for row in answer.json["decisions"] if row["code"] == "settings"] == []
    assert "Authorization" in answer.headers["Vary"]
    file = Snapshot(world.get("/v1/snapshot?environment=settled", token=token_of(world, who)).body)
    assert file.settings_left_out and all(row["code"] != "settings" for row in file.decisions)


@pytest.mark.parametrize("who", ["a reader", "a keeper", "an administrator"])
def test_who_may_read_them_gets_them_whole(world, who):
    token = token_of(world, who)
    answer = world.get("/v1/resolve?group=set.group&environment=settled", token=token)
    assert answer.json["settings"] == "included" and answer.json["records"][0]["settings"] == SETTINGS
    assert [row["settings"] for row in answer.json["decisions"]] == [SETTINGS]
    assert "private" in answer.headers["Cache-Control"] and "Authorization" in answer.headers["Vary"]
    file = Snapshot(world.get("/v1/snapshot?environment=settled", token=token).body)
    assert not file.settings_left_out
    assert json.loads(file.records["set.group"][0]["settings"]) == SETTINGS
    shown = world.get("/v1/environments/settled", token=token).json
    assert shown["settings"] == "included" and shown["document"]["plugins"]["set-crm"]["settings"] == SETTINGS
    plugin = world.get("/v1/environments/settled/plugins/Set_CRM", token=token).json
    assert plugin["plugin"] == {"settings": SETTINGS, "secret_settings": SECRETS} and plugin["settings"] == "included"
    assert plugin["package"] == "set-crm" and plugin["changed_by"] and plugin["changed_at"]


def test_the_two_answers_have_two_entity_tags(world):
    for address in addresses()[:3]:
        tags = {world.get(address, token=token).headers["ETag"] for token in (None, world.reader)}
        assert len(tags) == 2, address
        for token in (None, world.reader):
            tag = world.get(address, token=token).headers["ETag"]
            assert world.get(address, token=token, headers={"If-None-Match": tag}).status == 304


def test_a_document_is_read_changed_and_written_back_whole(world):
    before = world.get("/v1/environments/settled", token=world.keeper)
    document = before.json["document"]
    document["description"] = "changed"
    written = world.put("/v1/environments/settled", document, token=world.keeper,
                        headers={"If-Match": before.headers["ETag"]})
    assert written.status == 200, written.body
    assert world.get("/v1/environments/settled", token=world.keeper).json["document"] == document


def test_a_document_without_settings_cannot_be_written_back(world, refused):
    before = world.get("/v1/environments/settled")
    answer = world.put("/v1/environments/settled", before.json["document"], token=world.keeper,
                       headers={"If-Match": before.headers["ETag"]})
    refused(answer, 412, "precondition-failed")


def test_a_revoked_token_loses_them(world):
    token = make_token(world, "leavers", ["environment:read"], grant=True)
    address = "/v1/resolve?group=set.group&environment=settled"
    assert world.get(address, token=token).json["settings"] == "included"
    world.request("DELETE", "/v1/grants/leavers/environment:read/*", token=world.admin_token)
    assert world.get(address, token=token).json["settings"] == "left-out"


def test_differences_say_that_a_secret_changed_and_not_what_it_is(world):
    first = environments.revision_of(world, "settled")
    changed = {"database": {"host": "host-two", "password": "swordfish"}}
    environments.plugin(world, "settled", "set-crm", {"settings": changed})
    found = world.get(f"/v1/environments/settled/diff?from={first}&to={first + 1}", token=world.reader)
    assert b"swordfish" not in found.body and b"hunter2" not in found.body
    assert {one["where"]: (one["from"], one["to"]) for one in found.json["differences"]} == {
        "/plugins/set-crm/settings/database/host": ("host-one", "host-two"),
        "/plugins/set-crm/settings/database/password": ("(secret)", "(secret, changed)")}
    anonymous = world.get(f"/v1/environments/settled/diff?from={first}&to={first + 1}")
    assert {one["where"]: (one["from"], one["to"]) for one in anonymous.json["differences"]} == {
        "/plugins/set-crm/settings": ("(secret)", "(secret, changed)")}
    environments.plugin(world, "settled", "set-crm", {"settings": SETTINGS})
    audit = world.get("/v1/audit?limit=1000", token=world.admin_token).body
    assert not any(value in audit for value in (b"swordfish", *VALUES[:3]))


def test_a_value_that_becomes_secret_later_was_one_before(world):
    environments.create(world, "later", {"plugins": {"set-crm": {"settings": {"key": "topsecret"}}}})
    environments.plugin(world, "later", "set-crm", {"secret_settings": ["/key"]})
    found = world.get("/v1/environments/later/diff?from=1&to=2", token=world.admin_token)
    assert b"topsecret" not in found.body


@pytest.mark.parametrize("pointers, where", [(["key"], "/secret_settings/0"), (["/a", "/b~2"], "/secret_settings/1"),
                                             ([1], "/secret_settings/0"), ("x", "/secret_settings")])
def test_wrong_pointers_are_refused(world, refused, pointers, where):
    answer = world.request("PATCH", "/v1/environments/settled/plugins/set-crm", {"secret_settings": pointers},
                           token=world.admin_token)
    assert refused(answer, 422, "invalid")["errors"][0]["where"] == where


def test_a_package_nothing_is_decided_about(world, refused):
    plugin = world.get("/v1/environments/settled/plugins/unheard-of").json
    assert plugin["plugin"] == {} and plugin["changed_at"] is None and plugin["settings"] == "left-out"
    refused(world.get("/v1/environments/unheard-of/plugins/set-crm"), 404, "not-found")
