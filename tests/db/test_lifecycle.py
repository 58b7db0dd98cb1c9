# SPDX-License-Identifier: MIT
"""Yanking, quarantine, the status of packages and the contracts of groups: each change is one change
record and one audit event, what is so already makes none, and refusals say why."""
import threading

import pytest
from support.store import Probe, release

A, B = "a.plugins", "b.plugins"


@pytest.fixture
def shop(store):
    """The package shop, whose releases were in two groups one after the other, and another package."""
    store.ok("publish", **release("shop", "1.0", [[A, "shop", "shop:a"]]))
    store.ok("publish", **release("shop", "2.0", [[B, "shop", "shop:b"]]))
    store.ok("publish", **release("mart", "1.0", [[A, "mart", "mart:a"]]))
    return store


def changes(store, **query):
    return [(c["kind"], c["package"], c["version"], c["reason"], c["groups"])
            for c in store.ok("changes", **query)["items"]]


def audit(cluster, database):
    return cluster.sql(database, "SELECT actor, action, subject FROM audit_events ORDER BY id")


def broken_chain(cluster, database):
    return cluster.sql(database, "SELECT count(*) FROM audit_events a WHERE hash <> audit_hash("
                                 "previous_hash, id, at, actor, action, subject, detail)")


@pytest.mark.parametrize("call, there, back", [("yank", "yank", "unyank"),
                                               ("quarantine", "quarantine", "activate")])
def test_a_release_there_and_back(cluster, database, shop, call, there, back):
    target = {"name": "shop", "version": "1.0"}
    first = shop.ok(call, **target, reason="loses orders")
    assert (first["changed"], first["serial"]) == (True, 4)
    again = shop.ok(call, **target, reason="loses orders")
    assert (again["changed"], again["serial"]) == (False, 4)
    assert shop.ok(call, **target, reason="loses orders, see #7")["serial"] == 5
    assert shop.ok(call, **target)["serial"] == 6
    assert shop.ok(call, **target) == {**again, "serial": 6}
    # Every group the package ever had is named, so that every table with it is refreshed.
    assert changes(shop, since=3) == [
        (there, "shop", "1.0", "loses orders", [A, B]),
        (there, "shop", "1.0", "loses orders, see #7", [A, B]),
        (back, "shop", "1.0", None, [A, B])]
    assert audit(cluster, database)[3:] == [["tester", kind, "shop 1.0"]
                                            for kind in (there, there, back)]
    assert broken_chain(cluster, database) == [["0"]]


def test_a_yanked_release_shows_it(shop):
    shop.ok("yank", name="shop", version="1.0", reason="loses orders")
    rows = {r["version"]: r for r in shop.ok("package", name="shop")["releases"]}
    assert (rows["1.0"]["yanked"], rows["1.0"]["yanked_reason"]) == (True, "loses orders")
    assert (rows["2.0"]["yanked"], rows["2.0"]["yanked_reason"]) == (False, None)
    shop.ok("yank", name="shop", version="1.0")
    assert not shop.ok("release", name="shop", version="1.0")["release"]["yanked"]


def test_the_status_of_a_package(cluster, database, shop):
    def set_to(to, **more):
        return shop.ok("package_status", name="shop", to=to, **more)["changed"]
    assert set_to("deprecated", reason="use mart", replaced_by="mart")
    assert not set_to("deprecated", reason="use mart", replaced_by="mart")
    assert set_to("deprecated", reason="use mart")
    assert set_to("archived")
    assert set_to("quarantined", reason="steals orders")
    assert set_to("active") and not set_to("active")
    assert changes(shop, since=3) == [
        ("deprecate", "shop", None, "use mart", [A, B]), ("deprecate", "shop", None, "use mart", [A, B]),
        ("archive", "shop", None, None, [A, B]), ("quarantine", "shop", None, "steals orders", [A, B]),
        ("activate", "shop", None, None, [A, B])]
    assert [row[2] for row in audit(cluster, database)[3:]] == ["shop"] * 5
    assert cluster.sql(database, "SELECT status, status_reason, replaced_by FROM packages "
                                 "WHERE name = 'shop'") == [["active", "", ""]]


def test_a_closed_package_takes_no_releases(shop):
    for status, taken in (("archived", False), ("quarantined", False), ("deprecated", True)):
        shop.ok("package_status", name="shop", to=status, reason="so")
        answer = shop.call("publish", **release("shop", "3.0", []))
        assert answer["status"] == ("ok" if taken else "conflict"), answer


def test_refusals(shop):
    before = shop.ok("history")["serial"]
    for call, arguments, status, words in (
            ("yank", {"name": "shop", "version": "9.9", "reason": "x"}, "not-found", "9.9 of shop"),
            ("yank", {"name": "nix", "version": "1.0"}, "not-found", "1.0 of nix"),
            ("quarantine", {"name": "shop", "version": "9.9"}, "not-found", "9.9 of shop"),
            ("package_status", {"name": "nix", "to": "active"}, "not-found", "no package nix"),
            ("package_status", {"name": "shop", "to": "deprecated", "reason": "x", "replaced_by": "nix"},
             "invalid", "no package nix that could replace shop"),
            ("package_status", {"name": "nix", "to": "deprecated", "reason": "x", "replaced_by": "shop"},
             "not-found", "no package nix")):
        answer = shop.call(call, **arguments)
        assert answer["status"] == status and words in answer["message"], answer
    assert shop.ok("history")["serial"] == before


def test_contracts(cluster, database, shop):
    assert shop.ok("contracts", groups=[A, B])["items"] == []
    contract = {"group": A, "owner": "Team Shop", "pattern": "[a-z]+", "kind": "callable",
                "conflict": "priority", "priority": ["shop", "mart"]}
    assert shop.ok("contract_set", **contract)["serial"] == 4
    assert shop.ok("contract_set", **contract) == {**shop.ok("contract_set", **contract),
                                                   "changed": False, "serial": 4}
    assert shop.ok("contracts", groups=["nix", B, A])["items"] == [
        {**contract, "revision": 1, "updated_by": "tester"}]
    # A contract may be there before anything is published; PUT means whole: what is not said is gone.
    assert shop.ok("contract_set", group="new.group")["serial"] == 5
    assert shop.ok("contract_set", group=A)["serial"] == 6
    assert [(c["group"], c["kind"], c["conflict"], c["priority"], c["pattern"])
            for c in shop.ok("contracts", groups=["new.group", A])["items"]] == [
        (A, "any", "warn", [], None), ("new.group", "any", "warn", [], None)]
    assert [(g["name"], g["package_count"], g["entry_point_count"]) for g in shop.ok("groups")["items"]] == [
        (A, 2, 2), (B, 1, 1), ("new.group", 0, 0)]
    assert [g["name"] for g in shop.ok("groups", limit=1, after=B)["items"]] == ["new.group"]
    assert changes(shop, since=3) == [("group", None, None, None, [group])
                                      for group in (A, "new.group", A)]
    assert audit(cluster, database)[3:] == [["tester", "group", group] for group in (A, "new.group", A)]
    assert broken_chain(cluster, database) == [["0"]]


def test_a_release_is_held_against_the_contracts_of_today(shop):
    """The store writes it only when the caller names the contracts' revisions, and says when not."""
    def publish(version, groups, held=0, seen=0):
        entries = [[group, "shop", "shop:a"] for group in groups]
        answer = shop.call("publish", **release("shop", version, entries), contract_revision=held,
                           group_revision=seen)
        return (answer["created"], answer["unchecked"]) if answer["status"] == "ok" else answer["status"]
    shop.ok("contract_set", group=A, owner="one")
    assert publish("3.0", [A], seen=1) == (False, True)
    assert publish("3.0", [A], seen=0) == "unavailable"  # the owner may be new since the rights were checked
    assert publish("3.0", [B]) == (True, False)
    assert publish("1.0", [A]) == (False, False)  # it was there before the contract
    assert publish("4.0", [A, B], 1, 1) == (True, False)
    shop.ok("contract_set", group=A, owner="two")
    shop.ok("contract_set", group=B, owner="two")
    assert publish("5.0", [A, B], 1, 3) == (False, True)
    assert publish("5.0", [A, B], 3, 1) == "unavailable"
    assert publish("5.0", [A, B], 3, 3) == (True, False)
    shop.ok("contract_set", group=A.rpartition(".")[0], owner="three")  # the group above counts as well
    assert publish("6.0", [A, B], 3, 3) == "unavailable"
    assert publish("6.0", [A, B], 4, 4) == (True, False)
    taken = shop.together([{**release("shop", f"7.{n}", [[A, "shop", "shop:a"]]),
                            "contract_revision": 3 if n % 2 else 1, "group_revision": 3}
                           for n in range(8)])
    assert [(row["created"], row["unchecked"]) for row in taken] == [(False, True), (True, False)] * 4


def test_the_changes_of_one_package(shop):
    shop.ok("yank", name="shop", version="2.0", reason="broken")
    assert [c[:3] for c in changes(shop, package="shop")] == [
        ("publish", "shop", "1.0"), ("publish", "shop", "2.0"), ("yank", "shop", "2.0")]
    assert [c[0] for c in changes(shop, package="shop", since=2)] == ["yank"]
    assert [c[2] for c in changes(shop, package="shop", limit=1)] == ["1.0"]
    nothing = shop.ok("changes", package="nix")
    assert nothing["items"] == [] and nothing["serial"] == 4


def run_together(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_who_yank_the_same(cluster, database, shop):
    """Of two who say the same, one makes the change; both are told it is done."""
    outcomes = []

    def work():
        with Probe(database) as probe:
            for number in range(20):
                outcomes.append((number, probe.ok("yank", name="shop", version="1.0",
                                                  reason=f"reason {number}")["changed"]))
                probe.ok("yank", name="mart", version="1.0", reason="same")
    run_together(work, work, work)
    kinds = cluster.sql(database, "SELECT package, count(*) FROM changes WHERE kind = 'yank' "
                                  "GROUP BY 1 ORDER BY 1")
    assert kinds == [["mart", "1"], ["shop", str(sum(changed for _, changed in outcomes))]]
    assert cluster.sql(database, "SELECT count(*) = (SELECT serial FROM registry), "
                                 "max(serial) = count(*) FROM changes") == [["t", "t"]]
    assert cluster.sql(database, "SELECT count(*) FROM audit_events") == \
        cluster.sql(database, "SELECT count(*) FROM changes")


def test_yanks_while_others_publish(cluster, database, shop):
    """Neither waits for ever on the other, nothing is lost, and serials have no gaps."""
    def publish():
        with Probe(database) as probe:
            probe.together([release("shop", f"3.{n}", [[A, "shop", "shop:a"]]) for n in range(30)] +
                           [release("mart", f"3.{n}", [[B, "mart", "m:a"]]) for n in range(30)])

    def change():
        with Probe(database) as probe:
            for number in range(30):
                probe.ok("yank", name="shop", version="1.0",
                         **({"reason": "x"} if number % 2 == 0 else {}))
                probe.ok("package_status", name="mart", to="deprecated", reason=f"r{number}",
                         replaced_by="shop")
                probe.ok("package_status", name="shop", to="deprecated", reason=f"r{number}",
                         replaced_by="mart")
                probe.ok("contract_set", group="other", owner=f"o{number}")
    run_together(publish, change)
    assert cluster.sql(database, "SELECT kind, count(*) FROM changes GROUP BY 1 ORDER BY 1") == [
        ["deprecate", "60"], ["group", "30"], ["publish", "63"], ["unyank", "15"], ["yank", "15"]]
    assert cluster.sql(database, "SELECT count(*) = max(serial) FROM changes") == [["t"]]
    assert broken_chain(cluster, database) == [["0"]]
