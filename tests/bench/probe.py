# SPDX-License-Identifier: MIT
"""Asks a daemon for /healthz and a resolution at a steady pace, in a process of its own, and says how long the
answers took. Questions are asked when they are due, whether the ones before have been answered or not, so a daemon that
hangs shows as many long answers and not as one.

    with Probe(running) as probe:
        ...                      # the attack
    probe.result["/healthz"]     # {"count", "p50 ms", "p99 ms", "max ms", "failed"}
"""

import http.client
import json
import subprocess
import sys
import threading
import time

PACE_SECONDS = 0.04
ASKERS = 25  # of each path: an answer may take a second before the next question of its asker is late
TIMEOUT_SECONDS = 30
SOURCE = "127.0.0.2"  # not the address of the attack


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def ask_once(address, path):
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), TIMEOUT_SECONDS, source_address=(SOURCE, 0))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    except OSError:
        return False
    finally:
        connection.close()


def ask(address, path, due, over, samples):
    while not over.wait(max(0, due - time.perf_counter())):
        begin = time.perf_counter()
        good = ask_once(address, path)
        samples.append(((time.perf_counter() - begin) * 1000, good))
        due = max(due + ASKERS * PACE_SECONDS, begin)


def figures(samples):
    times = [milliseconds for milliseconds, _ in samples]
    return {"count": len(times), "p50 ms": percentile(times, 0.5), "p99 ms": percentile(times, 0.99),
            "max ms": max(times, default=float("nan")), "failed": sum(not good for _, good in samples)}


def main(address, paths):
    """Until standard input ends."""
    over = threading.Event()
    samples = {path: [] for path in paths}
    begin = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(address, path, begin + number * PACE_SECONDS, over, samples[path]))
               for path in paths for number in range(ASKERS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps({path: figures(taken) for path, taken in samples.items()}))


class Probe:
    def __init__(self, running, group):
        self.command = [sys.executable, __file__, running.address, "/healthz", f"/v1/resolve?group={group}"]
        self.result = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        said, _ = self.process.communicate(timeout=2 * TIMEOUT_SECONDS)
        found = json.loads(said)
        self.result = {path.partition("?")[0]: one for path, one in found.items()}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
