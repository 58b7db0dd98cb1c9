# SPDX-License-Identifier: MIT
"""Frozen environments over HTTP: what a lock holds, what changes it, and what does not."""

import hashlib

import pytest

from support.artifacts import wheel
from support.environments import address, create, ok, patch, plugin, put, revision_of, rollback
from support.registry import check_problem
from support.snapshot_file import Snapshot


def upload(registry, name, version, group, **fields):
    """A release with a wheel; the digest of the wheel."""
    filename, data = wheel(name, version, f"[{group}]\n{name} = {name}:x\n", **fields)[:2]
    answer = registry.post(f"/v1/artifacts?filename={filename}", data,
                           headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201, answer.body
    return hashlib.sha256(data).hexdigest()


def state(registry, name, action, body=None, **headers):
    return registry.post(address(name, f"/{action}"), body or {}, headers=headers)


def quarantine(registry, name, version, reason="steals keys"):
    body = {"status": "quarantined", "reason": reason} if reason else {"status": "live"}
    ok(registry.put(f"/v1/packages/{name}/releases/{version}/status", body))


def answer_of(registry, environment, group, more=""):
    return registry.resolve(f"environment={environment}&group={group}{more}")


def versions(answer):
    return {record["package"]: record["version"] for record in answer["records"]}


@pytest.fixture
def place(registry):
    """(environment, group, two packages with a wheel each), new for every test."""
    group = registry.new_name("frozen") + ".plugins"
    names = [registry.new_name("lock"), registry.new_name("lock")]
    for name in names:
        upload(registry, name, "1.0", group)
    environment = registry.new_name("env")
    create(registry, environment, only(*names))
    return environment, group, names


def only(*names, **more):
    """A document: these packages are enabled, and no others."""
    return {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True} for name in names}, **more}


def freeze(registry, environment, **body):
    return ok(state(registry, environment, "freeze", body))


def test_what_comes_later_changes_nothing(registry, place):
    environment, group, (one, two) = place
    before = answer_of(registry, environment, group)
    frozen = freeze(registry, environment)
    assert (frozen["changed"], frozen["summary"]) == (True, "frozen with 2 releases")
    upload(registry, one, "2.0", group)
    upload(registry, registry.new_name("lock"), "1.0", group)
    ok(registry.post(f"/v1/packages/{two}/releases/1.0/yank", {"reason": "too slow"}))
    ok(registry.put(f"/v1/packages/{one}/status", {"status": "deprecated", "reason": "old"}))
    ok(registry.put(f"/v1/groups/{group}", {"conflict": "error"}))
    assert answer_of(registry, environment, group)["records"] == before["records"]
    assert versions(answer_of(registry, "default", group))[one] == "2.0"
    assert versions(before) == {one: "1.0", two: "1.0"}
    snapshot = registry.get(f"/v1/snapshot?environment={environment}&group={group}")
    assert [record["version"] for record in Snapshot(snapshot.body).records[group]] == ["1.0", "1.0"]


def test_an_answer_in_pages_comes_from_the_lock(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    upload(registry, one, "2.0", group)
    page = answer_of(registry, environment, group, "&limit=1")
    rest = answer_of(registry, environment, group, f"&limit=1&cursor={page['next']}")
    assert versions(page) == {one: "1.0"} and versions(rest) == {two: "1.0"} and rest["next"] is None
    assert not answer_of(registry, environment, registry.new_name("empty"))["records"]


def test_only_a_quarantine_withholds(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    before = answer_of(registry, environment, group)["records"]
    quarantine(registry, one, "1.0")
    answer = answer_of(registry, environment, group, "&explain=1")
    assert answer["records"] == before[1:]
    assert [(row["package"], row["code"], row["detail"]) for row in answer["excluded"]] == [
        (one, "quarantined", "The release is quarantined: steals keys")]
    quarantine(registry, one, "1.0", None)
    assert answer_of(registry, environment, group)["records"] == before
    ok(registry.put(f"/v1/packages/{two}/status", {"status": "quarantined", "reason": "all of it"}))
    assert versions(answer_of(registry, environment, group)) == {one: "1.0"}


def test_left_out_is_told(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    upload(registry, one, "2.0", group)
    new = registry.new_name("lock")
    upload(registry, new, "3.0", group)
    told = [(row["package"], row["version"], row["code"], row["detail"]) for row in
            answer_of(registry, environment, group, "&explain=1")["excluded"]]
    assert told == [
        (one, "2.0", "frozen", f'The environment "{environment}" is frozen, and its lock holds 1.0'),
        (new, "3.0", "frozen", f'The environment "{environment}" is frozen, and its lock does not hold the package')]
    assert two not in [row[0] for row in told]


def test_an_ignored_quarantine(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    before = answer_of(registry, environment, group)["records"]
    lock = ok(registry.get(address(environment, "/lock")))
    quarantine(registry, one, "1.0")
    wish = {"ignore_quarantine": [{"package": one.upper(), "version": "1.0"}]}
    problem = check_problem(state(registry, environment, "freeze", wish), 422, "invalid")
    assert problem["where"] == "/reason"
    answer = freeze(registry, environment, reason="no other way", **wish)
    assert answer["summary"] == f"ignored the quarantine of {one} 1.0"
    assert answer_of(registry, environment, group)["records"] == before
    after = ok(registry.get(address(environment, "/lock")))
    assert after["records"] == lock["records"] and after["lock"]["id"] != lock["lock"]["id"]
    ignored = after["releases"][0]["ignored"]
    assert (ignored["reason"], bool(ignored["by"]), bool(ignored["at"])) == ("no other way", True, True)
    assert "ignored" not in after["releases"][1]
    assert not freeze(registry, environment, reason="again", **wish)["changed"]
    (detail,) = registry.sql("SELECT detail ->> 'reason' FROM audit_events WHERE action = 'environment'"
                             f" AND subject = '{environment}' ORDER BY id DESC LIMIT 1")
    assert detail == ["no other way"]
    for body, words in (({"package": two, "version": "1.0"}, "is not quarantined"),
                        ({"package": one, "version": "9.0"}, "does not select")):
        problem = check_problem(state(registry, environment, "freeze",
                                      {"ignore_quarantine": [body], "reason": "x"}), 422, "invalid")
        assert [error["code"] for error in problem["errors"]] == ["quarantine-ignored"]
        assert words in problem["errors"][0]["message"]


def test_freezing_with_what_is_quarantined(registry, place):
    environment, group, (one, two) = place
    quarantine(registry, one, "1.0")
    wish = {"ignore_quarantine": [{"package": one, "version": "1.0"}], "reason": "needed"}
    answer = freeze(registry, environment, **wish)
    assert answer["summary"] == f"frozen with 2 releases, ignoring the quarantine of {one} 1.0"
    assert versions(answer_of(registry, environment, group)) == {one: "1.0", two: "1.0"}
    ok(state(registry, environment, "thaw"))
    assert versions(answer_of(registry, environment, group)) == {two: "1.0"}


def test_the_rules_of_a_frozen_environment_stay(registry, place):
    environment, group, (one, _) = place
    ok(plugin(registry, environment, one, {"settings": {"size": 5}}))
    freeze(registry, environment)
    before = answer_of(registry, environment, group)["records"]
    for answer in (plugin(registry, environment, one, {"enabled": False}),
                   plugin(registry, environment, one, {"pin": "==1.0"}),
                   plugin(registry, environment, one, {"settings": {"size": 6}}),
                   patch(registry, address(environment), {"policy": {"plugins": "all"}}),
                   put(registry, environment, {"facts": {"python": "3.12"}})):
        problem = check_problem(answer, 409, "conflict")
        assert "is frozen" in problem["detail"] and "environment thaw" in problem["detail"]
    assert not ok(plugin(registry, environment, one, {"enabled": True}))["changed"]
    assert answer_of(registry, environment, group)["records"] == before


@pytest.mark.parametrize("parameter, where", [
    ("python=3.12", "?python"), ("have=host==2", "?have"),
    ("marker=sys_platform=win32", "?marker"), ("tag=py2-none-any", "?tag"), ("prereleases=1", "?prereleases")])
def test_a_question_cannot_override_the_facts(registry, place, parameter, where):
    environment, group, names = place
    facts = {"python": "3.11.2", "have": {"host": "1.0"}, "markers": {"sys_platform": "linux"},
             "tags": ["py3-none-any"]}
    ok(put(registry, environment, only(*names, facts=facts)))
    freeze(registry, environment)
    for path in ("resolve", "snapshot", "requirements"):
        answer = registry.get(f"/v1/{path}?environment={environment}&group={group}&{parameter}")
        assert check_problem(answer, 409, "conflict")["where"] == where
    same = "&python=3.11.2&have=Host==1.0&marker=sys_platform=linux&tag=py3-none-any&prereleases=0"
    assert len(answer_of(registry, environment, group, same)["records"]) == 2


def test_facts_that_are_not_stated_change_nothing(registry, place):
    environment, group, _ = place
    freeze(registry, environment)
    before = answer_of(registry, environment, group)["records"]
    said = "&python=3.8&have=host==1&marker=sys_platform=win32&tag=cp27-cp27m-win32"
    assert answer_of(registry, environment, group, said)["records"] == before
    listed = [ok(registry.get(f"/v1/requirements?environment={environment}&group={group}&format=json{more}"))
              for more in ("", said)]
    assert listed[0] == listed[1] and all(row["files"] for row in listed[0]["requirements"])


def test_each_release_needs_a_file(registry, place):
    environment, group, (one, two) = place
    bare = registry.new_name("bare")
    registry.publish(bare, "1.0", {group: {bare: f"{bare}:x"}})
    facts = {"tags": ["cp311-cp311-linux_x86_64", "py3-none-any"]}
    ok(put(registry, environment, only(one, two, bare, facts=facts)))
    problem = check_problem(state(registry, environment, "freeze"), 422, "invalid")
    (error,) = problem["errors"]
    assert (error["code"], error["where"]) == ("file-missing", f"/releases/{bare}")
    assert error["message"] == f"{bare} 1.0 has no file that fits, so it cannot be installed"
    assert not ok(registry.get(address(environment)))["frozen"]
    freeze(registry, environment, allow_without_files=True)
    assert versions(answer_of(registry, environment, group)) == {one: "1.0", two: "1.0", bare: "1.0"}


def test_a_file_that_comes_later_is_not_in_the_lock(registry, place):
    environment, group, (one, two) = place
    bare = registry.new_name("bare")
    registry.publish(bare, "1.0", {group: {bare: f"{bare}:x"}})
    ok(plugin(registry, environment, bare, {"enabled": True}))
    freeze(registry, environment, allow_without_files=True)
    before = ok(registry.get(address(environment, f"/export?group={group}")))
    upload(registry, one, "1.0", group, tag="py2-none-any")
    after = ok(registry.get(address(environment, f"/export?group={group}")))
    del before["serial"], after["serial"]
    assert after == before
    assert [len(release["files"]) for release in after["releases"]] == [0, 1, 1]
    assert [release["package"] for release in after["releases"]] == sorted([bare, one, two])


def test_rolling_back_restores_the_answer(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    frozen_at = revision_of(registry, environment)
    first = answer_of(registry, environment, group)["records"]
    ok(state(registry, environment, "thaw"))
    upload(registry, one, "2.0", group)
    assert versions(answer_of(registry, environment, group))[one] == "2.0"
    freeze(registry, environment)
    second = answer_of(registry, environment, group)["records"]
    problem = check_problem(rollback(registry, environment, 1), 409, "conflict")
    assert "revision 1 was not" in problem["detail"]
    ok(rollback(registry, environment, frozen_at))
    assert answer_of(registry, environment, group)["records"] == first
    ok(rollback(registry, environment, frozen_at + 2))
    assert answer_of(registry, environment, group)["records"] == second
    ok(state(registry, environment, "thaw"))
    ok(rollback(registry, environment, frozen_at))
    shown = ok(registry.get(address(environment)))
    assert (shown["frozen"], shown["action"]) == (True, "rollback")
    assert answer_of(registry, environment, group)["records"] == first


def test_promoting_copies_the_lock(registry, place):
    staging, group, (one, two) = place
    production = registry.new_name("env")
    create(registry, production, only(one, two))
    ok(plugin(registry, production, one, {"settings": {"size": 7}}))
    problem = check_problem(state(registry, production, "promote", {"from": staging}), 409, "conflict")
    assert (problem["where"], "is not frozen" in problem["detail"]) == ("/from", True)
    check_problem(state(registry, production, "promote", {"from": "nowhere"}), 404, "not-found")
    check_problem(state(registry, production, "promote", {}), 422, "invalid")
    freeze(registry, staging)
    upload(registry, one, "2.0", group)
    answer = ok(state(registry, production, "promote", {"from": staging, "reason": "tested"}))
    assert answer["summary"] == f"took the lock of {staging}, revision 2, with 2 releases"
    records = answer_of(registry, production, group)["records"]
    settings = [record.pop("settings", None) for record in records]
    assert records == answer_of(registry, staging, group)["records"]
    assert settings[0] in ({"size": 7}, None)  # whoever may not read settings gets none
    assert not ok(state(registry, production, "promote", {"from": staging}))["changed"]
    ok(state(registry, staging, "thaw"))
    freeze(registry, staging)
    ok(state(registry, production, "promote", {"from": staging}))
    assert versions(answer_of(registry, production, group)) == {one: "2.0", two: "1.0"}
    ok(state(registry, production, "promote", {"from": staging, "revision": 2}))
    assert versions(answer_of(registry, production, group)) == {one: "1.0", two: "1.0"}


@pytest.mark.parametrize("rules, code", [
    ({"policy": {"plugins": "listed"}}, "not-enabled"), ({"facts": {"python": "3.8"}}, "requires-python"),
    ({"facts": {"tags": ["cp39-cp39-win32"]}}, "no-compatible-artifact")])
def test_a_lock_that_the_rules_refuse(registry, rules, code):
    group = registry.new_name("frozen") + ".plugins"
    name = registry.new_name("lock")
    upload(registry, name, "1.0", group, Requires_Python=">=3.9")
    source, target = registry.new_name("env"), registry.new_name("env")
    create(registry, source, {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True}}})
    create(registry, target, rules)
    freeze(registry, source)
    problem = check_problem(state(registry, target, "promote", {"from": source}), 422, "invalid")
    assert {error["code"] for error in problem["errors"]} == {"lock-refused"}
    assert problem["errors"][0]["where"] == f"/releases/{name}"
    assert f"{name} 1.0 is refused ({code}): " in problem["errors"][0]["message"]
    assert not ok(registry.get(address(target)))["frozen"]


def test_if_match_and_repeating(registry, place):
    environment, _, _ = place
    answer = state(registry, environment, "freeze", **{"If-Match": '"9"'})
    check_problem(answer, 412, "precondition-failed")
    assert freeze(registry, environment)["changed"] and not freeze(registry, environment)["changed"]
    assert ok(state(registry, environment, "thaw"))["changed"]
    assert not ok(state(registry, environment, "thaw"))["changed"]
    assert revision_of(registry, environment) == 3
    check_problem(registry.get(address(environment, "/lock")), 404, "not-found")
    assert ok(registry.get(address(environment, "/lock?revision=2")))["at_revision"] == 2
    for body in ({"reson": "x"}, {"ignore_quarantine": {}}, {"ignore_quarantine": [{"package": "x"}]}):
        check_problem(state(registry, environment, "freeze", body), 422, "invalid")


def test_archive_and_restore(registry, place):
    environment, group, (one, two) = place
    freeze(registry, environment)
    before = answer_of(registry, environment, group)["records"]
    answer = ok(state(registry, environment, "archive", {"reason": "a slip"}))
    assert answer["summary"] == "archived: hosts get nothing"
    for path in (f"/v1/resolve?group={group}&environment={environment}", f"/v1/snapshot?environment={environment}",
                 f"/v1/requirements?group={group}&environment={environment}", address(environment, "/export")):
        problem = check_problem(registry.get(path), 410, "gone")
        assert "archived: a slip." in problem["detail"]
        assert f"registryctl environment restore {environment}" in problem["detail"]
    for answer in (plugin(registry, environment, one, {"enabled": True}), state(registry, environment, "thaw"),
                   state(registry, environment, "freeze"), rollback(registry, environment, 1),
                   put(registry, environment, {})):
        check_problem(answer, 410, "gone")
    names = [row["name"] for row in ok(registry.get("/v1/environments?limit=1000"))["environments"]]
    rows = {row["name"]: row for row in ok(registry.get("/v1/environments?limit=1000&archived=1"))["environments"]}
    assert environment not in names and rows[environment]["archived"] and rows[environment]["reason"] == "a slip"
    assert ok(registry.get(address(environment)))["archived"]
    answer = registry.put(address(environment), {}, headers={"If-None-Match": "*"})
    check_problem(answer, 412, "precondition-failed")  # the name stays taken
    assert not ok(state(registry, environment, "archive", {"reason": "twice"}))["changed"]
    ok(state(registry, environment, "restore"))
    assert answer_of(registry, environment, group)["records"] == before
    problem = check_problem(state(registry, "default", "archive"), 409, "conflict")
    assert "hosts that name no environment" in problem["detail"]


def rows_of(answer, *codes):
    return [(row["package"], row["name"], row["version"], row["code"]) for row in answer["decisions"]
            if not codes or row["code"] in codes]


def test_decisions_are_those_of_the_moment(registry, place):
    environment, group, (one, two) = place
    ok(registry.post(f"/v1/packages/{two}/releases/1.0/yank", {"reason": "too slow"}))
    ok(plugin(registry, environment, two, {"pin": "==1.0"}))
    off, idle = registry.new_name("off"), registry.new_name("idle")
    for name in (off, idle):
        upload(registry, name, "1.0", group)
    ok(plugin(registry, environment, off, {"enabled": False}))
    before = answer_of(registry, environment, group)
    freeze(registry, environment)
    assert answer_of(registry, environment, group)["decisions"] == before["decisions"]
    assert answer_of(registry, environment, group)["known"] == before["known"]
    assert {row[3] for row in rows_of(before)} == {"yanked", "outside-pin", "disabled", "not-enabled"}
    ok(registry.put(f"/v1/packages/{one}/status", {"status": "deprecated", "reason": "old"}))
    ok(registry.post(f"/v1/packages/{one}/releases/1.0/yank", {"reason": "too slow"}))
    upload(registry, registry.new_name("lock"), "1.0", group)
    assert answer_of(registry, environment, group)["decisions"] == before["decisions"]
    quarantine(registry, idle, "1.0")
    answer = answer_of(registry, environment, group)
    assert rows_of(answer, "quarantined") == [(idle, idle, "1.0", "quarantined")]
    assert [row for row in answer["decisions"] if row["code"] != "quarantined"] == before["decisions"]


def test_an_ignored_quarantine_decides_nothing(registry, place):
    environment, group, (one, _) = place
    upload(registry, one, "0.9", group)
    freeze(registry, environment)
    ok(registry.put(f"/v1/packages/{one}/status", {"status": "quarantined", "reason": "all of it"}))
    assert rows_of(answer_of(registry, environment, group)) == [(one, one, None, "quarantined")]
    freeze(registry, environment, reason="no other way", ignore_quarantine=[{"package": one, "version": "1.0"}])
    # The others of the package are still withheld, wherever a host finds them.
    assert rows_of(answer_of(registry, environment, group)) == [(one, one, "0.9", "quarantined")]


def test_a_promoted_lock_keeps_the_rules_of_its_new_place(registry, place):
    staging, group, (one, two) = place
    other = registry.new_name("other")
    upload(registry, other, "1.0", group)
    production = registry.new_name("env")
    create(registry, production, {"plugins": {other: {"enabled": False}, one: {"settings": {"size": 7}}}})
    freeze(registry, staging)
    assert rows_of(answer_of(registry, staging, group)) == [(other, other, None, "not-enabled")]
    ok(state(registry, production, "promote", {"from": staging}))
    answer = answer_of(registry, production, group)
    (row,) = [row for row in answer["decisions"] if row["code"] == "disabled"]
    assert (row["package"], row["message"]) == (other, f'The environment "{production}" disables the package')
    assert not answer["known"] and versions(answer) == {one: "1.0", two: "1.0"}


def test_settings_are_in_no_lock(registry, place):
    environment, group, (one, _) = place
    ok(plugin(registry, environment, one, {"settings": {"password": "secret-word"}}))
    freeze(registry, environment)
    assert b"secret-word" not in registry.get(address(environment, "/lock")).body
    (document,) = registry.sql("SELECT string_agg(document, '') FROM environment_locks")
    assert "secret-word" not in document[0]


def differences(registry, environment, query=""):
    found = ok(registry.get(address(environment, f"/diff?{query}"), token=registry.admin_token))
    return {entry["where"]: {key: entry[key] for key in entry if key != "where"} for entry in found["differences"]}


def test_a_difference_shows_the_locks(registry, place):
    """Two revisions with one document may answer differently."""
    environment, group, (first, second) = place
    freeze(registry, environment)
    locked = differences(registry, environment)
    assert locked.keys() == {"/lock"} and locked["/lock"].keys() == {"to"}
    assert locked["/lock"]["to"]["releases"] == 2 and locked["/lock"]["to"]["environment"] == environment
    before = revision_of(registry, environment)
    ok(state(registry, environment, "thaw"))
    upload(registry, first, "2.0", group)
    third = registry.new_name("lock")
    upload(registry, third, "1.0", group)
    ok(plugin(registry, environment, second, {"enabled": False}))
    ok(plugin(registry, environment, third, {"enabled": True}))
    freeze(registry, environment)
    found = differences(registry, environment, f"from={before}")
    assert found[f"/lock/{first}/version"] == {"from": "1.0", "to": "2.0"}
    assert found[f"/lock/{first}/files"] == {"removed": [f"{first}-1.0-py3-none-any.whl"],
                                             "added": [f"{first}-2.0-py3-none-any.whl"]}
    assert found[f"/lock/{second}"].keys() == {"from"} and found[f"/lock/{second}"]["from"]["version"] == "1.0"
    assert found[f"/lock/{third}"].keys() == {"to"}
    assert {where.split("/")[1] for where in found} == {"lock", "plugins"}
    # A change that keeps the lock is no difference of locks.
    quarantine(registry, first, "2.0")
    freeze(registry, environment, ignore_quarantine=[{"package": first, "version": "2.0"}], reason="tested")
    assert differences(registry, environment) == {f"/lock/{first}/ignored_quarantine": {"to": "tested"}}
    page = registry.get(f"/environments/{environment}/diff?from={before}").body.decode()
    assert f"/lock/{first}/version" in page.replace("<wbr>", "")


def test_a_difference_of_two_environments_shows_both_locks(registry, place):
    environment, group, (first, second) = place
    other = registry.new_name("env")
    create(registry, other, only(first, second))
    freeze(registry, environment)
    upload(registry, first, "2.0", group)
    freeze(registry, other)
    found = differences(registry, environment, f"with={other}")
    assert found.keys() == {f"/lock/{first}/version", f"/lock/{first}/files"}
    ok(state(registry, other, "promote", {"from": environment}))
    assert differences(registry, environment, f"with={other}") == {}
