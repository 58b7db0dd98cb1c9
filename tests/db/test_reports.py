# SPDX-License-Identifier: MIT
"""Reports of hosts: where each stands in each group, since when it has been equal without a break, what
is kept of the past, and that a report is no change of the registry."""
import threading

from support.store import Probe, release

A, B = "a.plugins", "b.plugins"


def report(store, host, *reports):
    """What the store says of (group, equal) pairs reported together."""
    lists = [[group, equal, '{"n":1}', '{"r":1}'] for group, equal in reports]
    return {item["group"]: item for item in store.ok("report", host=host, reports=lists)["items"]}


def rows(store, **query):
    return store.ok("transition", **query)["items"]


def test_a_run_of_equal_reports(store):
    assert report(store, "web-1", (A, False))[A] == {
        "group": A, "equal": False, "equal_since": None, "report_count": 1}
    first = report(store, "web-1", (A, True))[A]["equal_since"]
    assert first
    assert report(store, "web-1", (A, True))[A] == {
        "group": A, "equal": True, "equal_since": first, "report_count": 3}
    assert report(store, "web-1", (A, False))[A]["equal_since"] is None
    again = report(store, "web-1", (A, True))[A]["equal_since"]
    assert again >= first
    (row,) = rows(store)
    assert (row["equal_since"], row["report_count"], row["reported_by"]) == (again, 5, "tester")
    assert row["first_report_at"] <= first <= again == row["last_report_at"]
    assert row["summary"] == '{"n":1}'


def test_hosts_and_groups_stand_apart(store):
    report(store, "web-2", (B, True), (A, False))
    report(store, "web-1", (A, True))
    report(store, "web-10", (A, True))
    assert [(row["group"], row["host"], row["equal"]) for row in rows(store)] == [
        (A, "web-1", True), (A, "web-10", True), (A, "web-2", False), (B, "web-2", True)]
    assert [(row["hosts_equal"], row["hosts_total"], bool(row["group_equal_since"]))
            for row in rows(store)] == [(2, 3, False)] * 3 + [(1, 1, True)]
    # A filter by host leaves what is said of the group as it is.
    (row,) = rows(store, host="web-10")
    assert (row["hosts_equal"], row["hosts_total"]) == (2, 3)
    assert [row["group"] for row in rows(store, groups=[B])] == [B]
    assert len(rows(store, groups=[A, B])) == 4 and rows(store, groups=["c"]) == []
    later = report(store, "web-2", (A, True))[A]["equal_since"]
    assert {row["group_equal_since"] for row in rows(store, groups=[A])} == {later}


def test_pages(store):
    names = [(group, f"h{number}") for group in (A, B) for number in range(5)]
    for group, host in reversed(names):
        report(store, host, (group, True))
    seen, after, pages = [], None, 0
    while True:
        answer = store.ok("transition", limit=3, **({"after": after} if after else {}))
        seen += [(row["group"], row["host"]) for row in answer["items"]]
        assert {row["hosts_total"] for row in answer["items"]} == {5}
        pages += 1
        if not answer["more"]:
            break
        last = answer["items"][-1]
        after = "\n".join((last["group"], last["host"], last["environment"]))
    assert (seen, pages) == (names, 4)


def test_history_is_bounded(cluster, database, store):
    for number in range(205):
        report(store, "web-1", (A, number % 2 == 0), (B, True))
    report(store, "web-2", (A, True))
    kept = "SELECT host, group_name, count(*), min(number), max(number) FROM parity_reports " \
           "GROUP BY 1, 2 ORDER BY 1, 2"
    assert cluster.sql(database, kept) == [
        ["web-1", A, "200", "6", "205"], ["web-1", B, "200", "6", "205"], ["web-2", A, "1", "1", "1"]]
    assert [row["report_count"] for row in rows(store)] == [205, 1, 205]
    assert cluster.sql(database, "SELECT DISTINCT equal, report FROM parity_reports "
                                 f"WHERE group_name = '{A}' ORDER BY 1") == [
        ["f", '{"r":1}'], ["t", '{"r":1}']]


def test_a_report_is_no_change_but_is_audited(cluster, database, store):
    before = store.ok("publish", **release("a", "1.0", [[A, "x", "m:x"]]))["serial"]
    report(store, "web-1", (A, True), (B, False))
    assert store.ok("history")["serial"] == before
    assert [change["kind"] for change in store.ok("changes")["items"]] == ["publish"]
    assert cluster.sql(database, "SELECT actor, action, subject, detail FROM audit_events "
                                 "ORDER BY id DESC LIMIT 1") == [
        ["tester", "report", "web-1 default", '{"a.plugins": true, "b.plugins": false}']]
    broken = cluster.sql(database, "SELECT count(*) FROM audit_events a WHERE hash <> audit_hash("
                                   "previous_hash, id, at, actor, action, subject, detail)")
    assert broken == [["0"]]


def test_hosts_that_report_together(database, store):
    """Many at once, the groups in any order: nobody waits for ever, every report counts."""
    def work(number):
        with Probe(database) as probe:
            for _ in range(10):
                pair = [(A, True), (B, number % 2 == 0)]
                report(probe, "one", *(pair if number % 2 else pair[::-1]))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(row["report_count"]) for row in rows(store)] == [40, 40]


def test_one_group_twice_is_refused_whole(store):
    answer = store.call("report", host="h", reports=[[A, True, "{}", "{}"], [A, False, "{}", "{}"]])
    assert answer["status"] != "ok"
    assert rows(store) == []


def test_a_token_begins_a_bounded_number_of_states_a_day(cluster, database, store):
    """The bound is of the actor and of the last day; what is known goes on, and other tokens are not concerned."""
    report(store, "web-1", (A, True))
    cluster.sql(database, """
        INSERT INTO report_states (group_name, host, environment, equal, equal_since, summary, report_count,
                                   first_report_at, last_report_at, reported_by)
        SELECT 'g' || n, 'made-up', 'default', true, now(), '{}', 1, now() - interval '23 hours', now(), 'tester'
          FROM generate_series(1, 9998) n""")
    report(store, "web-2", (A, True))  # the ten thousandth
    lists = [[B, True, '{"n":1}', '{"r":1}']]
    before = cluster.sql(database, "SELECT count(*) FROM audit_events")
    refused = store.call("report", host="web-2", reports=lists)
    assert refused["status"] == "too-many-requests" and "10000 new groups of hosts" in refused["message"]
    assert cluster.sql(database, "SELECT count(*) FROM audit_events") == before
    assert report(store, "web-2", (A, False))[A]["report_count"] == 2
    cluster.sql(database, "UPDATE report_states SET first_report_at = now() - interval '25 hours' WHERE host = 'made-up'")
    assert report(store, "web-2", (B, True))[B]["report_count"] == 1
