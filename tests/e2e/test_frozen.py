# SPDX-License-Identifier: MIT
"""Random histories against a frozen environment, on two daemons of one database: the answer changes only by
quarantine, and so do its decisions. What is published, yanked, uploaded, deprecated, pinned, enabled or rolled back meanwhile changes neither the
JSON nor the snapshot, at neither daemon, before and after a restart.

FROZEN_HISTORIES says how many, FROZEN_SEED with which they begin; a failure names its seed.
"""

import json
import os
import random

import pytest

from support.artifacts import wheel
from support.snapshot_file import Snapshot
from support.two_daemons import Pair

HISTORIES = int(os.environ.get("FROZEN_HISTORIES", "200"))
SEED = int(os.environ.get("FROZEN_SEED", "1"))
STEPS = 6
RESTART_EVERY = 40
MERGE = {"Content-Type": "application/merge-patch+json"}
PLAIN = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def pair():
    with Pair() as running:
        yield running


class History:
    """One environment with its own group and packages, frozen; what happens to it, and what it must answer."""

    def __init__(self, pair, seed):
        self.random = random.Random(seed)
        self.pair, self.seed = pair, seed
        self.first, self.second = pair.at_first(), pair.at_second()
        self.first.token = pair.first.admin_token
        self.group = f"history{seed}.plugins"
        self.packages = [f"history{seed}-{letter}" for letter in "abcd"[:self.random.randint(2, 4)]]
        self.environment = f"history{seed}"
        self.serial = 0
        self.told = []
        self.versions = {}  # package -> those published
        self.quarantined = set()  # packages, and (package, version)
        self.ignored = set()  # (package, version)

    def __enter__(self):
        for package in self.packages:
            for version in self.random.sample(["1.0", "1.1", "2.0rc1"], self.random.randint(1, 2)):
                self.upload(package, version)
        self.change("PUT", "", self.document(), status=201)
        for _ in range(self.random.randint(0, 2)):
            self.random.choice([self.yank, self.quarantine])()
        for package in list(self.quarantined):  # the lock holds what is answered now, so begin without any
            self.unquarantine(package)
        self.change("POST", "/freeze", {"reason": "the proof"})
        self.frozen_at = self.revision
        self.lock = self.ask(self.first, f"/v1/environments/{self.environment}/lock")
        answer = self.answer(self.first)
        self.records, self.decisions, self.known = answer["records"], answer["decisions"], answer["known"]
        self.files = self.export(self.first)
        return self

    def __exit__(self, *_):
        for connection in (self.first, self.second):
            connection.close()

    def document(self):
        chosen = {}
        for package in self.packages:
            decision = {"enabled": True} if self.random.random() < 0.7 else {"enabled": None}
            if self.random.random() < 0.3:
                decision["settings"] = {"size": self.random.randint(1, 9)}
            if self.random.random() < 0.2:
                decision["pin"] = ">=1"
            chosen[package] = {key: value for key, value in decision.items() if value is not None}
        # Of the other histories nothing is taken: their packages are in other groups, and freezing locks all.
        chosen[self.packages[0]]["enabled"] = True
        return {"policy": {"plugins": "listed", "prereleases": self.random.random() < 0.3}, "plugins": chosen}

    # ---- requests ----

    def send(self, method, path, body=None, headers=None, good=(200, 201)):
        answer = self.first.request(method, path, body, headers)
        assert answer.status in good, (self.seed, self.told, path, answer.status, answer.body)
        if answer.status < 300 and "serial" in answer.json:
            self.serial = answer.json["serial"]
        return answer

    def change(self, method, rest, body, status=200):
        answer = self.send(method, f"/v1/environments/{self.environment}{rest}", body,
                           MERGE if method == "PATCH" else None, good=(status,))
        self.revision = answer.json.get("revision")
        return answer

    def upload(self, package, version, tag="py3-none-any"):
        name = package.replace("-", "_")
        filename, data = wheel(package, version, f"[{self.group}]\n{package} = {name}:x\n", tag)[:2]
        answer = self.pair.first.post(f"/v1/artifacts?filename={filename}", data, headers=PLAIN)
        assert answer.status in (200, 201, 403, 409), (self.seed, self.told, answer.body)
        if answer.status < 300:
            self.serial = answer.json.get("serial", self.serial)
            self.versions.setdefault(package, []).append(version)

    def ask(self, connection, path):
        answer = connection.get(path)
        assert answer.status == 200, (self.seed, self.told, path, answer.body)
        return answer.json

    def answer(self, connection):
        return self.ask(connection, f"/v1/resolve?environment={self.environment}&group={self.group}"
                                    f"&min_serial={self.serial}")

    def export(self, connection):
        """The releases; each daemon names its own address."""
        answer = self.ask(connection, f"/v1/environments/{self.environment}/export?min_serial={self.serial}")
        for file in (file for release in answer["releases"] for file in release["files"]):
            assert file.pop("url").startswith(f"http://{connection.daemon.address}/files/")
        return answer["releases"]

    # ---- what happens ----

    def some(self):
        package = self.random.choice(self.packages)
        return package, self.random.choice(self.versions[package])

    def publish(self):
        self.upload(self.random.choice(self.packages), f"{self.random.randint(3, 9)}.{self.random.randint(0, 99)}")

    def publish_another(self):
        package = f"history{self.seed}-{self.random.choice('xyz')}"
        self.upload(package, f"1.{self.random.randint(0, 9)}")

    def add_file(self):
        package, version = self.some()
        self.upload(package, version, self.random.choice(["cp311-none-any", "py2-none-any"]))

    def yank(self):
        package, version = self.some()
        self.send("POST", f"/v1/packages/{package}/releases/{version}/yank", {"reason": "too slow"})

    def deprecate(self):
        package, _ = self.some()
        if package not in self.quarantined:
            self.send("PUT", f"/v1/packages/{package}/status", {"status": "deprecated", "reason": "old"})

    def contract(self):
        self.send("PUT", f"/v1/groups/{self.group}", {"conflict": self.random.choice(["error", "first", "all"])})

    def quarantine(self):
        package, version = self.some()
        if self.random.random() < 0.3:
            self.send("PUT", f"/v1/packages/{package}/status", {"status": "quarantined", "reason": "worm"})
            self.quarantined.add(package)
        else:
            self.send("PUT", f"/v1/packages/{package}/releases/{version}/status",
                      {"status": "quarantined", "reason": "worm"})
            self.quarantined.add((package, version))

    def unquarantine(self, what=None):
        if not what and not self.quarantined:
            return
        what = what or self.random.choice(sorted(self.quarantined, key=str))
        if isinstance(what, str):
            self.send("PUT", f"/v1/packages/{what}/status", {"status": "active"})
        else:
            self.send("PUT", f"/v1/packages/{what[0]}/releases/{what[1]}/status", {"status": "live"})
        self.quarantined.discard(what)

    def refused(self):
        """Pins, states and settings are refused, and so is a step back to what was not frozen."""
        package = self.random.choice(self.packages)
        body = self.random.choice([{"pin": "==1.0"}, {"enabled": False}, {"settings": {"size": 99}}])
        self.change("PATCH", f"/plugins/{package}", body, status=409)
        self.change("PATCH", "", {"policy": {"plugins": "all"}}, status=409)
        self.change("POST", "/rollback", {"revision": 1}, status=409)

    def roll_back(self):
        self.change("POST", "/rollback", {"revision": self.frozen_at})
        self.ignored.clear()  # the lock of that revision ignores none

    def freeze_again(self):
        self.change("POST", "/freeze", {})

    def ignore(self):
        """A locked release that is quarantined is kept."""
        locked = {release["package"]: release["version"] for release in self.lock["releases"]}
        held = sorted((package, version) for package, version in locked.items()
                      if package in self.quarantined or (package, version) in self.quarantined)
        if held:
            package, version = self.random.choice(held)
            self.change("POST", "/freeze", {"reason": "no other way",
                                            "ignore_quarantine": [{"package": package, "version": version}]})
            self.ignored.add((package, version))

    STEPS = (publish, publish_another, add_file, yank, deprecate, contract, quarantine, quarantine, unquarantine,
             refused, roll_back, freeze_again, ignore)

    def step(self):
        step = self.random.choice(self.STEPS)
        self.told.append(step.__name__)
        step(self)

    # ---- what must hold ----

    def is_given(self, package, version):
        return (package, version) in self.ignored or (
            package not in self.quarantined and (package, version) not in self.quarantined)

    def given(self):
        return [record for record in self.records if self.is_given(record["package"], record["version"])]

    def quarantines(self):
        """(package, version) of every row that must be there; None: the whole package. Of a package that is quarantined
        whole, and of which a release is kept, each other release has a row."""
        rows = set()
        for what in self.quarantined:
            package = what if isinstance(what, str) else what[0]
            kept = {version for name, version in self.ignored if name == package}
            if not isinstance(what, str):
                rows.add(what)
            elif kept:
                rows |= {(package, version) for version in self.versions[package]}
            else:
                rows.add((package, None))
        return rows - self.ignored

    def check(self, connection):
        where = (self.seed, self.told)
        answer = self.answer(connection)
        assert answer["records"] == self.given(), where
        # Decisions are those of the moment of the lock, and the quarantines of now.
        assert [row for row in answer["decisions"] if row["code"] != "quarantined"] == self.decisions, where
        found = {(row["package"], row["version"]) for row in answer["decisions"] if row["code"] == "quarantined"}
        assert found == self.quarantines(), where
        withheld = {package for package, _ in found}
        assert answer["known"] == [row for row in self.known if row["package"] not in withheld], where

    def check_files(self, connection):
        """The same as a snapshot, and the files as an export."""
        where = (self.seed, self.told)
        expected = self.given()
        snapshot = connection.get(f"/v1/snapshot?environment={self.environment}&group={self.group}"
                                  f"&min_serial={self.serial}")
        assert snapshot.status == 200, where
        found = Snapshot(snapshot.body).records.get(self.group, [])
        assert [(item["name"], item["value"], item["package"], item["version"], json.loads(item["manifest"] or "null"))
                for item in found] == [(record["name"], record["value"], record["package"], record["version"],
                                        record["manifest"]) for record in expected], where
        assert self.export(connection) == [
            release for release in self.files if self.is_given(release["package"], release["version"])], where


def run(pair, seed):
    with History(pair, seed) as history:
        for _ in range(STEPS):
            history.step()
            history.check(history.random.choice([history.first, history.second]))
        for connection in (history.first, history.second):
            history.check(connection)
        history.check_files(history.second)
        return history


@pytest.mark.parametrize("begin", range(0, HISTORIES, RESTART_EVERY))
def test_only_a_quarantine_changes_the_answer(pair, begin):
    histories = [run(pair, SEED * 10000 + number) for number in range(begin, min(begin + RESTART_EVERY, HISTORIES))]
    steps = {name for history in histories for name in history.told}
    assert steps == {step.__name__ for step in History.STEPS} or len(histories) < RESTART_EVERY
    assert any(history.quarantined for history in histories)
    # After a restart the lock comes from the database, and says the same.
    pair.second.stop()
    pair.second.start()
    for history in histories[::4]:
        history.check(history.second)
        history.check_files(history.second)
        history.second.close()
