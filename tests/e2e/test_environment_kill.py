# SPDX-License-Identifier: MIT
"""Environments under kill -9 and with two daemons: what was acknowledged is there, every revision has its
change and its audit event, no setting of anybody is lost, and the other daemon answers by it."""
import threading
import time

import pytest

from support.daemon import Daemon
from support.postgres import Cluster
from support.registry import Registry

GROUP = "kill.plugins"
WRITERS = 4
KILLS = 4


def publish(daemon, name):
    document = {"name": name, "version": "1.0", "entry_points": {GROUP: {name: "m:a"}}}
    assert daemon.put(f"/v1/packages/{name}/releases/1.0", document).status == 201


def set_one(daemon, package, key, value):
    return daemon.request("PATCH", f"/v1/environments/prod/plugins/{package}",
                          {"settings": {key: value}}, token=daemon.admin_token, timeout=20)


class Writer(threading.Thread):
    """Sets one key after another, each again until it is acknowledged."""

    def __init__(self, daemon, stop, package):
        super().__init__()
        self.daemon_under_test, self.stop, self.package = daemon, stop, package
        self.acknowledged = {}
        self.wrong = []

    def run(self):
        number = 0
        while not self.stop.is_set():
            try:
                answer = set_one(self.daemon_under_test, self.package, f"k{number}", number)
            except OSError:  # no daemon, or one that died while answering
                time.sleep(0.05)
                continue
            if answer.status == 200:
                self.acknowledged[f"k{number}"] = number
                number += 1
            elif answer.status not in (409, 503):
                self.wrong.append((answer.status, answer.body))
                return


def test_killed_while_settings_change():
    with Daemon() as daemon:
        packages = [f"plugin{letter}" for letter in "abcd"[:WRITERS]]
        for package in packages:
            publish(daemon, package)
        assert daemon.put("/v1/environments/prod", {}).status == 201
        stop = threading.Event()
        writers = [Writer(daemon, stop, package) for package in packages]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(0.6)
            daemon.kill()
            daemon.start()
        time.sleep(0.3)
        stop.set()
        for writer in writers:
            writer.join()
        assert [writer.wrong for writer in writers] == [[]] * WRITERS
        shown = daemon.get("/v1/environments/prod", token=daemon.admin_token).json
        for writer in writers:
            settings = shown["document"]["plugins"][writer.package]["settings"]
            assert writer.acknowledged.items() <= settings.items()
            # At most the one under way was written without an answer.
            assert len(settings) <= len(writer.acknowledged) + 1 and len(writer.acknowledged) > 3
        history = []
        cursor = ""
        while cursor is not None:
            page = daemon.get(f"/v1/environments/prod/history?limit=1000{cursor and '&cursor=' + cursor}").json
            history += [row["revision"] for row in page["revisions"]]
            cursor = page["next"]
        assert history == list(range(shown["revision"], 0, -1))
        changes = [c for c in all_changes(daemon) if c["kind"] == "environment"]
        assert len(changes) == shown["revision"]


def all_changes(daemon):
    found, since = [], 0
    while True:
        page = daemon.get(f"/v1/changes?since={since}&limit=1000").json["changes"]
        if not page:
            return found
        found += page
        since = page[-1]["serial"]


@pytest.fixture
def two():
    with Cluster() as cluster, Registry(cluster) as first:
        with Daemon(arguments=["--database-url", first.conninfo]) as second:
            yield first, second


def test_the_other_daemon_answers_by_it(two):
    first, second = two
    publish(first, "shop")
    assert first.put("/v1/environments/prod", {}).status == 201
    query = f"/v1/resolve?group={GROUP}&environment=prod&min_serial="
    for number in range(60):
        enabled = number % 2 == 0
        done = first.request("PATCH", "/v1/environments/prod/plugins/shop",
                             {"enabled": enabled, "settings": {"n": number}}, token=first.admin_token).json
        answer = second.get(query + str(done["serial"]), token=first.admin_token)
        assert answer.status == 200, answer.body
        records = answer.json["records"]
        assert [record["settings"] for record in records] == ([{"n": number}] if enabled else [])
        # The daemon that made the change answers by it without being asked to wait.
        assert len(first.get(query.split("&min")[0]).json["records"]) == enabled
