# SPDX-License-Identifier: MIT
"""kill -9 while people yank, deprecate and set contracts: what was acknowledged is there once, each change has its
audit event, and the state is that of the last change."""
import itertools
import random
import threading
import time

from support.daemon import Daemon

KILLS = 6
SEED = 1


class Changer(threading.Thread):
    """Makes one change after another on a package and a group of its own, each with a reason of its own, and says
    it again until it is acknowledged."""

    def __init__(self, daemon, stop, number):
        super().__init__()
        self.daemon_under_test, self.stop, self.number = daemon, stop, number
        self.acknowledged = []  # the reasons, in order
        self.wrong = []

    def change(self, count):
        name, reason = f"life{self.number}", f"change {self.number}/{count}"
        step = count % 4
        if step == 0:
            return reason, "POST", f"/v1/packages/{name}/releases/1.0/yank", {"reason": reason}
        if step == 1:
            return reason, "PUT", f"/v1/packages/{name}/releases/1.0/status", {"status": "quarantined", "reason": reason}
        if step == 2:
            return reason, "PUT", f"/v1/packages/{name}/status", {"status": "deprecated", "reason": reason}
        return reason, "PUT", f"/v1/groups/life.group{self.number}", {"description": reason}

    def run(self):
        try:
            for count in itertools.count():
                reason, method, path, body = self.change(count)
                while not self.stop.is_set():
                    try:
                        answer = self.daemon_under_test.request(method, path, body,
                                                                token=self.daemon_under_test.admin_token)
                    except OSError:
                        time.sleep(0.02)
                        continue
                    if answer.status == 200:
                        self.acknowledged.append(reason)
                        break
                    assert answer.status == 503, answer.body
                    time.sleep(0.02)
                if self.stop.is_set():
                    return
        except Exception as error:
            self.wrong.append(error)
            raise


def pages(daemon, path, key, number):
    """All items of a list that goes on from the number of the last one."""
    found = []
    while True:
        last = found[-1][number] if found else 0
        items = daemon.get(f"{path}={last}&limit=1000", token=daemon.admin_token).json[key]
        if not items:
            return found
        found += items


def test_killed_while_things_change():
    chance = random.Random(SEED)
    with Daemon() as daemon:
        stop = threading.Event()
        for number in range(3):
            daemon.put(f"/v1/packages/life{number}/releases/1.0", {
                "name": f"life{number}", "version": "1.0",
                "entry_points": {f"life.group{number}": {"x": "m:x"}}})
        workers = [Changer(daemon, stop, number) for number in range(3)]
        for worker in workers:
            worker.start()
        for _ in range(KILLS):
            time.sleep(0.2 + chance.random() * 0.4)
            daemon.kill()
            daemon.start()
        time.sleep(0.3)
        stop.set()
        for worker in workers:
            worker.join()
        assert not any(worker.wrong for worker in workers)
        changes = pages(daemon, "/v1/changes?since", "changes", "serial")
        assert [change["serial"] for change in changes] == list(range(1, len(changes) + 1))
        events = pages(daemon, "/v1/audit?after", "events", "id")
        assert daemon.get("/v1/audit/verification", token=daemon.admin_token).json["whole"] is True
        kinds = {"yank", "quarantine", "deprecate", "group"}
        told = [(e["action"], e["detail"].get("reason") or e["detail"].get("description"))
                for e in events if e["action"] in kinds]
        assert [kind for kind, _ in told] == [c["kind"] for c in changes if c["kind"] in kinds]
        reasons = [reason for _, reason in told]
        assert len(reasons) == len(set(reasons))  # said again after a kill, and still one change
        for worker in workers:
            assert len(worker.acknowledged) > KILLS
            assert set(worker.acknowledged) <= set(reasons)
            mine = [reason for reason in reasons if reason.startswith(f"change {worker.number}/")]
            assert mine[:len(worker.acknowledged)] == worker.acknowledged
            package = daemon.get(f"/v1/packages/life{worker.number}").json
            last = [reason for kind, reason in told if kind == "deprecate" and reason in mine][-1]
            assert (package["status"], package["status_reason"]) == ("deprecated", last)
