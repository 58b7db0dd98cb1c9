# SPDX-License-Identifier: MIT
"""GET /v1/changes with filters: by package, group, environment, actor and kind; the cursor and the long poll with them; who
made a change, and what readers do not learn."""
import concurrent.futures
import time

import pytest

GROUP, OTHER = "changes.hosts", "changes.others"


@pytest.fixture(scope="module")
def filled(registry):
    for number in range(5):
        registry.publish(f"change-{number}", "1.0", {GROUP if number % 2 else OTHER: {f"e{number}": "m:a"}})
    registry.publish("change-0", "2.0", {GROUP: {"e0": "m:a"}, OTHER: {"e0": "m:a"}})
    answer = registry.post("/v1/packages/change-1/releases/1.0/yank", {"reason": "loses orders"})
    assert answer.status == 200, answer.body
    return registry


def changes(registry, query):
    answer = registry.get(f"/v1/changes?{query}")
    assert answer.status == 200, answer.body
    return answer.json["changes"]


def names(found):
    return [(change["kind"], change["package"], change["version"]) for change in found]


def test_the_changes_of_a_group(filled):
    found = changes(filled, f"group={GROUP}")
    assert names(found) == [("publish", "change-1", "1.0"), ("publish", "change-3", "1.0"), ("publish", "change-0", "2.0"),
                            ("yank", "change-1", "1.0")]
    everything = changes(filled, "limit=1000")
    assert found == [change for change in everything if GROUP in change["groups"]], "as the whole list has them"
    assert changes(filled, "group=changes.nowhere") == [] == changes(filled, "group=changes")


def test_the_cursor_reads_all_of_a_group(filled):
    seen, since = [], 0
    while page := changes(filled, f"group={GROUP}&limit=1&since={since}"):
        seen += page
        since = page[-1]["serial"]
    assert seen == changes(filled, f"group={GROUP}")


def test_filters_hold_together(filled):
    actor = changes(filled, "kind=yank")[0]["actor"]
    assert actor and names(changes(filled, f"actor={actor}&kind=yank")) == [("yank", "change-1", "1.0")]
    assert names(changes(filled, f"group={OTHER}&package=Change_0")) == [("publish", "change-0", "1.0"), ("publish", "change-0", "2.0")]
    assert changes(filled, f"group={OTHER}&kind=yank") == [] == changes(filled, "actor=nobody")
    assert changes(filled, "environment=nowhere") == []


def test_an_environments_changes_in_words(filled):
    answer = filled.put("/v1/environments/changed", {"plugins": {"change-1": {"state": "enabled"}}})
    assert answer.status in (200, 201), answer.body
    (made,) = changes(filled, "environment=changed")
    assert made["kind"] == "environment" and made["detail"] == answer.json["summary"] and made["actor"]


def test_changes_of_rights_name_neither_actor_nor_subject(filled):
    rights = [change for change in changes(filled, "limit=1000") if change["kind"].startswith(("token-", "grant-"))]
    assert rights and all(change["actor"] is change["detail"] is change["package"] is None for change in rights)


@pytest.mark.parametrize("query, where", [("kind=publsh", "?kind"), ("package=-", "?package"), ("group=a..b", "?group")])
def test_what_is_no_name_is_refused(filled, refused, query, where):
    assert refused(filled.get(f"/v1/changes?{query}"), 422, "invalid")["where"] == where


@pytest.mark.parametrize("query", ["group=a&group=b", "kind=yank&kind=yank", "owner=x"])
def test_bad_parameters(filled, refused, query):
    refused(filled.get(f"/v1/changes?{query}"), 400, "usage")


def test_the_long_poll_waits_for_a_change_of_the_group(filled):
    serial = filled.get("/v1").json["serial"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(filled.get, f"/v1/changes?since={serial}&wait=50&group={GROUP}", timeout=60)
        time.sleep(0.2)
        filled.publish("change-9", "1.0", {OTHER: {"e9": "m:a"}})
        time.sleep(0.7)
        assert not waiting.done(), "a change of another group does not end the wait"
        filled.publish("change-9", "2.0", {GROUP: {"e9": "m:a"}})
        assert names(waiting.result(20).json["changes"]) == [("publish", "change-9", "2.0")]
