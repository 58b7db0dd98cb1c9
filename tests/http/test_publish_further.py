# SPDX-License-Identifier: MIT
"""Further releases of a package that the daemon knows are written without asking first. What refuses them must refuse
them all the same: each test makes the package known, then takes one of the conditions away."""

import pytest

from support.access import grant, make_token, publish, ungrant

PUBLISH = ["publish:new", "publish:update", "group:publish"]


@pytest.fixture
def known(registry):
    """(token, name, group) of a package that has two releases, so that the third one is a further one."""
    team = registry.new_name("team")
    token = make_token(registry, team, PUBLISH)
    grant(registry, team, "publish:new")
    name, group = registry.new_name("known"), registry.new_name("known.group")
    for version in ("1.0", "1.1"):
        assert publish(registry, token, name, version, {group: {"a": "m:x"}}).status == 201
    return token, name, group



def test_it_is_written_once(registry, known):
    token, name, group = known
    assert publish(registry, token, name, "2.0", {group: {"a": "m:x"}}).status == 201
    again = publish(registry, token, name, "2.0", {group: {"a": "m:x"}})
    assert again.status == 200 and not again.json["created"]
    assert registry.sql(f"SELECT release_count FROM packages WHERE name = '{name}'") == [["3"]]


def test_other_content_is_a_conflict(registry, refused, known):
    token, name, group = known
    problem = refused(publish(registry, token, name, "1.1", {group: {"b": "m:x"}}), 409, "conflict")
    assert "published already, with other content" in problem["detail"]


def test_another_team_is_refused(registry, refused, known):
    _, name, _ = known
    other = make_token(registry, registry.new_name("other"), PUBLISH)
    problem = refused(publish(registry, other, name, "2.0"), 403, "forbidden")
    assert "is not allowed to publish" in problem["detail"]
    refused(publish(registry, other, name, "1.1"), 403, "forbidden")


def test_a_token_without_the_scope_is_refused(registry, refused, known):
    _, name, _ = known
    team = registry.sql(f"SELECT owner FROM packages WHERE name = '{name}'")[0][0]
    weak = make_token(registry, team, ["publish:new"])
    refused(publish(registry, weak, name, "2.0"), 403, "forbidden")


def test_a_grant_that_ended_is_refused(registry, refused, known):
    _, name, _ = known
    team = registry.new_name("guest")
    token = make_token(registry, team, PUBLISH)
    grant(registry, team, "publish:update", name)
    assert publish(registry, token, name, "2.0").status == 201
    ungrant(registry, team, "publish:update", name)
    refused(publish(registry, token, name, "3.0"), 403, "forbidden")


@pytest.mark.parametrize("state", ["archived", "quarantined"])
def test_a_closed_package_is_refused(registry, refused, known, state):
    token, name, _ = known
    registry.sql(f"UPDATE packages SET status = '{state}' WHERE name = '{name}'")
    problem = refused(publish(registry, token, name, "2.0"), 409, "conflict")
    assert f"is {state} and takes no new releases" in problem["detail"]


def test_a_contract_that_came_is_held(registry, refused, known):
    token, name, group = known
    answer = registry.put(f"/v1/groups/{group}", {"name_pattern": "b+"}, token=registry.admin_token)
    assert answer.status == 200, answer.body
    problem = refused(publish(registry, token, name, "2.0", {group: {"a": "m:x"}}), 422, "invalid")
    assert problem["errors"]
    assert publish(registry, token, name, "2.0", {group: {"b": "m:x"}}).status == 201
    assert publish(registry, token, name, "2.1", {group: {"b": "m:x"}}).status == 201


def test_an_owner_of_a_further_group_is_asked(registry, refused, known):
    token, name, _ = known
    group = registry.new_name("owned.group")
    answer = registry.put(f"/v1/groups/{group}", {"owner": "somebody"}, token=registry.admin_token)
    assert answer.status == 200, answer.body
    problem = refused(publish(registry, token, name, "2.0", {group: {"a": "m:x"}}), 403, "forbidden")
    assert "belongs to somebody" in problem["detail"]


def test_a_package_that_is_gone_is_a_new_one(registry, refused, known):
    """As after the restore of an older backup: who may not create packages does not create it again."""
    _, name, _ = known
    team = registry.new_name("guest")
    token = make_token(registry, team, PUBLISH)
    grant(registry, team, "publish:update", name)
    registry.sql("SET session_replication_role = replica;"
                 f"UPDATE packages SET name = 'gone-' || name WHERE name = '{name}'")
    refused(publish(registry, token, name, "2.0"), 403, "forbidden")


def test_a_dry_run_writes_nothing(registry, known):
    token, name, group = known
    answer = registry.post("/v1/check", {"name": name, "version": "2.0", "entry_points": {group: {"a": "m:x"}}}, token=token)
    assert answer.status == 200, answer.body
    assert registry.sql(f"SELECT release_count FROM packages WHERE name = '{name}'") == [["2"]]
