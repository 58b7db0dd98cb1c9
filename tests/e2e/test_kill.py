# SPDX-License-Identifier: MIT
"""kill -9 while people publish: what was acknowledged is there, nothing is there by half, and
registryd and its PostgreSQL come back by themselves, always on the same data directory.

REGISTRYD_KILLS says how often: 24 unless told; `./dev night --only D1` takes 1000.
One kill in three is the postmaster's; the others are registryd's, and every eighth takes both at once.
"""

import itertools
import os
import random
import signal
import threading
import time

from support.daemon import Daemon
from support.figures import figure

KILLS = int(os.environ.get("REGISTRYD_KILLS", "24"))
PUBLISHERS = 6
GROUPS = 3          # entry-point groups of each release; a release by half would lack some
ENTRIES = 4         # entry points in each group
SEED = int(os.environ.get("REGISTRYD_SEED", "1"))


def document(name, version):
    return {"name": name, "version": version, "summary": f"{name} {version}",
            "entry_points": {f"kill.group{group}": {f"{name}-{entry}": f"kill.plugin{entry}:setup"
                                                    for entry in range(ENTRIES)}
                             for group in range(GROUPS)}}


class Worker(threading.Thread):
    """Somebody who uses the registry until told to stop; `wrong` holds what must not be."""

    def __init__(self, daemon, stop):
        super().__init__()
        self.daemon_under_test = daemon
        self.stop = stop
        self.wrong = []

    def run(self):
        try:
            self.work()
        except Exception as error:
            self.wrong.append(error)
            raise


class Publisher(Worker):
    """Publishes one new package after another, and each again until it is acknowledged."""

    def __init__(self, daemon, stop, number):
        super().__init__(daemon, stop)
        self.number = number
        self.acknowledged = {}  # name -> serial of the change; None when only sent again did it

    def work(self):
        for count in itertools.count():
            if self.stop.is_set():
                return
            self.publish(f"pub{self.number}-{count}")

    def publish(self, name):
        """Until it is acknowledged, or the test ends."""
        for attempt in itertools.count():
            try:
                answer = self.daemon_under_test.put(
                    f"/v1/packages/{name}/releases/1.0", document(name, "1.0"), timeout=20)
            except OSError:  # no daemon, or one that died while answering
                answer = None
            if answer and answer.status in (200, 201):
                self.acknowledged[name] = answer.json["serial"] if answer.status == 201 else None
                return
            if answer and answer.status != 503:
                self.wrong.append((name, answer.status, answer.body))
                return
            if self.stop.is_set() and attempt > 200:
                return
            time.sleep(0.05)


class Reader(Worker):
    """Resolves all the time: what is seen is whole, and what was seen stays."""

    def __init__(self, daemon, stop):
        super().__init__(daemon, stop)
        self.seen = set()
        self.answers = 0

    def work(self):
        while not self.stop.is_set():
            try:
                answer = self.daemon_under_test.get(
                    "/v1/resolve?" + "&".join(f"group=kill.group{g}" for g in range(GROUPS)),
                    timeout=20)
            except OSError:
                time.sleep(0.05)
                continue
            if answer.status == 200:
                self.look_at(answer.json["records"])
            time.sleep(0.02)

    def look_at(self, records):
        self.answers += 1
        count = {}
        for record in records:
            count[record["package"]] = count.get(record["package"], 0) + 1
        self.wrong += [(package, number) for package, number in count.items()
                       if number != GROUPS * ENTRIES]
        self.wrong += [(package, "gone") for package in self.seen - set(count)]
        self.seen |= set(count)


def kill_registryd(daemon):
    daemon.kill()
    daemon.start(wait=None)


def kill_postmaster(daemon):
    pid = daemon.postmaster_pid()
    if pid:
        os.kill(pid, signal.SIGKILL)


def kill_both(daemon):
    kill_postmaster(daemon)
    kill_registryd(daemon)


def wait_for_health(daemon):
    """Up again, on its new address if it was restarted."""
    daemon._wait_for(daemon._find_address, "listen")
    daemon.wait_ready()


def check_all_there(daemon, acknowledged):
    """Every acknowledged release, whole; one change each, without gaps."""
    names = sorted(acknowledged)
    for name in random.sample(names, min(len(names), 50)):
        answer = daemon.get(f"/v1/packages/{name}/releases/1.0")
        assert answer.status == 200, name
    found = {}
    answer = daemon.get("/v1/resolve?" + "&".join(f"group=kill.group{g}" for g in range(GROUPS)))
    for record in answer.json["records"]:
        found.setdefault(record["package"], []).append(record)
    missing = [name for name in names if len(found.get(name, [])) != GROUPS * ENTRIES]
    assert missing == []
    changes, since = {}, 0
    while page := daemon.get(f"/v1/changes?since={since}&limit=1000").json["changes"]:
        for change in page:
            assert change["serial"] == since + 1  # no gap, none twice
            since = change["serial"]
            changes[since] = change["package"]
    assert sorted(filter(None, changes.values())) == sorted(found)  # each published once
    for name, serial in acknowledged.items():
        assert serial is None or changes[serial] == name


def test_nothing_acknowledged_is_lost():
    random.seed(SEED)
    stop = threading.Event()
    with Daemon(arguments=["--drain-seconds", "2"]) as daemon:
        # Made before the first kill: a daemon without its database makes none, and publishes would be refused for good.
        assert daemon.publisher_token != daemon.admin_token
        publishers = [Publisher(daemon, stop, number) for number in range(PUBLISHERS)]
        threads = [*publishers, Reader(daemon, stop)]
        for thread in threads:
            thread.start()
        try:
            for count in range(1, KILLS + 1):
                time.sleep(random.uniform(0.02, 0.6))
                kill = (kill_both if count % 8 == 0 else
                        kill_postmaster if count % 3 == 0 else kill_registryd)
                kill(daemon)
                if count % 2:  # the others hit a start that is under way
                    wait_for_health(daemon)
                else:
                    daemon._wait_for(daemon._find_address, "listen")
            wait_for_health(daemon)
            time.sleep(0.5)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        acknowledged = {}
        for publisher in publishers:
            assert publisher.wrong == []
            acknowledged.update(publisher.acknowledged)
        assert threads[-1].wrong == []
        assert threads[-1].answers > 0
        assert len(acknowledged) >= KILLS  # they did get through in between
        check_all_there(daemon, acknowledged)
        figure("kills", KILLS)
        figure("publishes acknowledged, all there", len(acknowledged))
        assert daemon.stop() == 0
        assert daemon.postmaster_pid() is None
        daemon.start()
        check_all_there(daemon, acknowledged)


def test_the_next_registryd_adopts_the_postmaster():
    with Daemon() as daemon:
        postmaster = daemon.postmaster_pid()
        for _ in range(3):
            daemon.kill()
            assert daemon.postmaster_pid() == postmaster
            daemon.start()
            assert daemon.postmaster_pid() == postmaster
            assert "event=postgres-adopted" in daemon.log()
        assert daemon.stop() == 0
        assert daemon.postmaster_pid() is None


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_nobody_comes_and_the_postmaster_is_stopped():
    with Daemon(environment={"REGISTRYD_LINGER_SECONDS": "1"}) as daemon:
        assert daemon.postmaster_pid()
        daemon.kill()
        wait_until(lambda: daemon.postmaster_pid() is None)
        daemon.start()
        assert daemon.get("/readyz").status == 200


def test_a_supervisor_that_is_killed_is_replaced():
    with Daemon() as daemon:
        postmaster = daemon.postmaster_pid()
        status = open(f"/proc/{postmaster}/status").read()
        supervisor = int(status.split("PPid:")[1].split()[0])
        os.kill(supervisor, signal.SIGKILL)
        wait_until(lambda: "event=supervisor-replaced" in daemon.log())
        assert daemon.postmaster_pid() == postmaster
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: daemon.postmaster_pid() not in (None, postmaster))
        daemon.wait_ready()
        assert daemon.stop() == 0
        assert daemon.postmaster_pid() is None
