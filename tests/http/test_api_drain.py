# SPDX-License-Identifier: MIT
"""A daemon that is told to stop answers who is waiting for a change, instead of breaking off."""

import concurrent.futures
import signal
import time

from support.registry import Registry


def test_a_long_poll_is_answered_when_the_daemon_stops(cluster):
    with Registry(cluster) as registry, concurrent.futures.ThreadPoolExecutor() as pool:
        registry.publish("here", "1.0")
        serial = registry.get("/v1").json["serial"]
        waiting = [pool.submit(registry.get, f"/v1/changes?since={serial}&wait=60", timeout=90)
                   for _ in range(3)]
        time.sleep(0.5)
        assert not any(one.done() for one in waiting)
        assert registry.kill(signal.SIGTERM) == 0
        for one in waiting:
            answer = one.result(30)
            assert (answer.status, answer.json["changes"], answer.json["serial"]) == (200, [], serial)
            assert answer.headers["Connection"] == "close"
