# SPDX-License-Identifier: MIT
"""Two daemons on one database: who publishes at one reads the own write at the other, whatever becomes of
the connection on which the other listens.

No time is asserted here but the five seconds of `min_serial`, after which the answer is a refusal; what
it took is printed (pytest -s), and measured by `./dev bench`.
"""

import time

import pytest

from support.access import make_token
from support.snapshot_file import Snapshot
from support.two_daemons import LISTENER, Cutter, Follower, Pair, publish, told

PUBLISHES, CUTS = 1000, 100
PACKAGES = 250
GROUPS = 20


@pytest.fixture(scope="module")
def pair():
    with Pair() as running:
        yield running


def found_in(records):
    return {(record["package"], record["version"]) for record in records}


def test_a_publisher_reads_its_own_write_at_the_other(pair):
    first, second = pair.at_first(), pair.at_second()
    waited, acknowledged = [], {}
    with Cutter(pair, LISTENER) as cutter, Follower(pair.at_second()) as follower:
        for number in range(PUBLISHES):
            if number % (PUBLISHES // CUTS) == 0:
                cutter.cut_soon()
            package, version = f"own{number % PACKAGES}", f"{number // PACKAGES}.0"
            group = f"own.group{number % PACKAGES % GROUPS}"
            serial = publish(first, package, version, group)
            acknowledged[serial] = begin = time.monotonic()
            form = "snapshot" if number % 7 == 0 else "resolve"
            answer = second.get(f"/v1/{form}?group={group}&min_serial={serial}")
            waited.append(time.monotonic() - begin)
            assert answer.status == 200, answer.body
            assert int(answer.headers["X-Registry-Serial"]) >= serial
            if form == "snapshot":
                snapshot = Snapshot(answer.body)
                assert snapshot.serial >= serial
                records = snapshot.records[group]
            else:
                records = answer.json["records"]
            assert (package, version) in found_in(records)
        follower.wait_for(serial)
    assert cutter.count == CUTS
    told_after = [max(0, follower.seen[serial] - when) for serial, when in acknowledged.items()]
    print("\n" + told("answered by min_serial after the publish", waited))
    print(told("told by the other's changes after the publish", told_after))


# ---- other changes ----

def change(pair, method, path, body):
    """Done at the first; the serial of the change."""
    answer = pair.at_first().request(method, path, body)
    assert answer.status in (200, 201), answer.body
    return int(answer.headers["X-Registry-Serial"])


def only_record(pair, serial, query):
    records = pair.at_second().ask(f"/v1/resolve?{query}&min_serial={serial}")["records"]
    assert len(records) <= 1
    return records[0] if records else None


def is_version(version):
    return lambda record: (record and record["version"]) == version


def warns(code):
    return lambda record: [warning["code"] for warning in record["warnings"]] == ([code] if code else [])


def is_settings(settings):
    return lambda record: record.get("settings") == settings


RELEASE = "/v1/packages/kinds/releases/2.0"
PLUGIN = "/v1/environments/kinds/plugins/kinds"
QUERY = "group=kinds.plugins"
IN_IT = f"{QUERY}&environment=kinds"
# What is done, and what the record of the plugin is then; each is undone by the row after it.
CHANGES = [
    ("POST", f"{RELEASE}/yank", {"reason": "broken"}, QUERY, is_version("1.0")),
    ("DELETE", f"{RELEASE}/yank", None, QUERY, is_version("2.0")),
    ("PUT", f"{RELEASE}/status", {"status": "quarantined", "reason": "odd"}, QUERY, is_version("1.0")),
    ("PUT", f"{RELEASE}/status", {"status": "live"}, QUERY, is_version("2.0")),
    ("PUT", "/v1/packages/kinds/status", {"status": "deprecated", "reason": "old"}, QUERY, warns("deprecated")),
    ("PUT", "/v1/packages/kinds/status", {"status": "quarantined", "reason": "odd"}, QUERY, is_version(None)),
    ("PUT", "/v1/packages/kinds/status", {"status": "active"}, QUERY, warns(None)),
    ("PATCH", PLUGIN, {"pin": "==1.0"}, IN_IT, is_version("1.0")),
    ("PATCH", PLUGIN, {"pin": None}, IN_IT, is_version("2.0")),
    ("PATCH", PLUGIN, {"enabled": False}, IN_IT, is_version(None)),
    ("PATCH", PLUGIN, {"enabled": None}, IN_IT, is_version("2.0")),
    ("PATCH", PLUGIN, {"settings": {"a": 1}}, IN_IT, is_settings({"a": 1})),
    ("PATCH", PLUGIN, {"settings": None}, IN_IT, is_settings(None)),
    ("PUT", "/v1/environments/kinds", {"policy": {"plugins": "listed"}}, IN_IT, is_version(None)),
    ("PUT", "/v1/environments/kinds", {}, IN_IT, is_version("2.0")),
]


def test_every_kind_of_change_is_there(pair):
    for version in ("1.0", "2.0"):
        publish(pair.at_first(), "kinds", version, "kinds.plugins")
    change(pair, "PUT", "/v1/environments/kinds", {})
    with Cutter(pair, LISTENER) as cutter:
        for turn in range(3):
            for method, path, body, query, is_so in CHANGES:
                cutter.cut_soon()
                serial = change(pair, method, path, body)
                record = only_record(pair, serial, query)
                assert is_so(record), (method, path, body, record)
    assert cutter.count == 3 * len(CHANGES)


def test_a_contract_is_there(pair):
    """Two packages with one name, under each contract in turn; and the contract itself."""
    for package in ("contract-a", "contract-b"):
        release = {"name": package, "version": "1.0", "entry_points": {"contract.plugins": {"same": "m:a"}}}
        change(pair, "PUT", f"/v1/packages/{package}/releases/1.0", release)
    second = pair.at_second()
    with Cutter(pair, LISTENER) as cutter:
        for turn in range(8):
            cutter.cut_soon()
            contract = [{"conflict": "first"}, {"conflict": "error"}, {},
                        {"conflict": "priority", "priority": ["contract-b"]}][turn % 4]
            serial = change(pair, "PUT", "/v1/groups/contract.plugins", contract)
            answer = second.ask(f"/v1/resolve?group=contract.plugins&min_serial={serial}")
            lost = [bool(record["shadowed_by"]) for record in answer["records"]]
            faults = [len(record["errors"]) for record in answer["records"]]
            assert lost == [[False, True], [False, False], [False, False], [True, False]][turn % 4]
            assert faults == [[0, 0], [1, 1], [0, 0], [0, 0]][turn % 4]
            shown = second.ask(f"/v1/groups/contract.plugins?min_serial={serial}")["contract"]
            assert shown["conflict"] == contract.get("conflict", "warn")


def test_a_revoked_token_no_longer_reads():
    """Where reading is closed, who may read is kept in memory: not beyond the change that ends it."""
    with Pair(arguments=["--reading", "closed"]) as pair:
        until_refused = []
        with Cutter(pair, LISTENER) as cutter:
            for turn in range(10):
                made = make_token(pair.first, "readers", ["read"], grant=True, whole=True)
                reader, other = pair.at_second(), pair.at_second()
                ask = lambda: reader.get("/v1/resolve?group=app.plugins", headers={
                    "Authorization": f"Bearer {made['token']}"}).status
                other.ask(f"/v1?min_serial={pair.at_first().get('/v1').headers['X-Registry-Serial']}")
                assert [ask(), ask()] == [200, 200]
                if turn % 2:
                    cutter.cut_soon()
                revoked = pair.first.post(f"/v1/tokens/{made['id']}/revoke", {})
                assert revoked.json["revoked_now"]
                serial = int(revoked.headers["X-Registry-Serial"])
                begin = time.monotonic()
                other.ask(f"/v1/groups?min_serial={serial}")
                assert ask() == 401
                until_refused.append(time.monotonic() - begin)
        print("\n" + told("a revoked token is refused after", until_refused))


# ---- equal answers ----

QUESTIONS = [
    "/v1/resolve?group=same.plugins", "/v1/resolve?group=same.plugins&group=same.others&explain=1",
    "/v1/resolve?group=same.plugins&environment=same", "/v1/resolve?group=same.plugins&python=3.8.1&explain=1",
    "/v1/resolve?group=same.plugins&limit=2", "/v1/resolve?group=same.none",
    "/v1/requirements?group=same.plugins", "/v1/groups/same.plugins", "/v1/packages/same1",
    "/v1/packages?q=same1", "/v1/packages/same1/releases/1.0", "/v1/environments/same",
    "/v1/environments/same/history", "/v1/changes?since=0&limit=1000", "/v1/groups?limit=1000", "/v1/transition",
    "/v1",
]
SNAPSHOTS = ["/v1/snapshot", "/v1/snapshot?group=same.plugins", "/v1/snapshot?environment=same"]


def contents(raw):
    """A snapshot without when it was made and what follows from that."""
    snapshot = Snapshot(raw)
    return snapshot.epoch, snapshot.environment, snapshot.question, snapshot.records


def test_equal_questions_have_equal_answers(pair):
    """Whoever stands behind a balancer meets now this daemon, now that one: tags must be worth the same."""
    connections = [pair.at_first(), pair.at_second()]
    change(pair, "PUT", "/v1/environments/same", {})
    for number in range(12):
        group = ["same.plugins", "same.others"][number % 2]
        publish(connections[0], f"same{number % 5}", f"1.{number}", group)
        if number % 3 == 0:
            serial = change(pair, "PATCH", f"/v1/environments/same/plugins/same{number % 5}",
                            {"settings": {"n": number}})
        else:
            serial = change(pair, "POST", f"/v1/packages/same{number % 5}/releases/1.{number}/yank",
                            {"reason": f"turn {number}"})
        connections[1].ask(f"/v1?min_serial={serial}")
        for question in [*QUESTIONS, *SNAPSHOTS]:
            answers = [connection.get(question) for connection in connections]
            one, other = answers
            assert one.status == other.status, question
            if one.status != 200:  # a refusal names the request
                continue
            assert one.headers["ETag"] == other.headers["ETag"], question
            if question in SNAPSHOTS:
                assert contents(one.body) == contents(other.body)
            else:
                assert one.body == other.body, question
            again = connections[1].get(question, headers={"If-None-Match": one.headers["ETag"]})
            assert (again.status, again.body) == (304, b""), question
