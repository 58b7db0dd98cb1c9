# SPDX-License-Identifier: MIT
"""A long mixed run of NIGHT_SECONDS: five publishes a second, readers of resolve, search and pages, and kill -9 every ten minutes. Memory and
descriptors of the daemon are read every ten seconds. What grew is judged between kills, after the first minute of each life."""
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.daemon import Daemon  # noqa: E402
from support.figures import figure  # noqa: E402

SECONDS = int(os.environ.get("NIGHT_SECONDS", "60"))
PUBLISHES_PER_SECOND, KILL_EACH, SAMPLE_EACH, WARM = 5, 600, 10, 60
PACKAGES = 500
PATHS = ("/v1/resolve?group=soak.plugins", "/v1/packages?q=soak", "/packages", "/groups/soak.plugins", "/status", "/v1/groups")


class Soak:
    def __init__(self, daemon):
        self.daemon, self.is_over = daemon, threading.Event()
        self.acknowledged, self.wrong, self.reads = set(), [], 0

    def publish(self):
        number, start = 0, time.monotonic()
        while not self.is_over.is_set():
            name, version = f"soak{number % PACKAGES}", f"1.{number // PACKAGES}"
            document = {"name": name, "version": version, "entry_points": {"soak.plugins": {name: f"{name}.plugin:setup"}}}
            try:
                answer = self.daemon.put(f"/v1/packages/{name}/releases/{version}", document, timeout=20)
                if answer.status in (200, 201):
                    self.acknowledged.add((name, version))
                    number += 1
                elif answer.status != 503:
                    self.wrong.append((name, version, answer.status))
                    return
            except OSError:
                time.sleep(0.05)  # it is sent again: the same document is the same release
            time.sleep(max(0.0, start + number / PUBLISHES_PER_SECOND - time.monotonic()))

    def read(self):
        while not self.is_over.is_set():
            for path in PATHS:
                try:
                    answer = self.daemon.get(path, timeout=20)
                    self.reads += 1
                    if answer.status >= 500 and answer.status != 503:
                        self.wrong.append((path, answer.status))
                except OSError:
                    time.sleep(0.05)


def sample(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd")), int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def slope(samples):
    """Growth an hour as a share of the mean, by least squares over (seconds, bytes); None for too few."""
    if len(samples) < 10:
        return None
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread * 3600 / mean_y


def watch(soak, daemon):
    """(samples of the longest life after its first minute, highest count of descriptors, kills)."""
    start = born = time.monotonic()
    life, longest, descriptors, kills = [], [], 0, 0
    while time.monotonic() - start < SECONDS and not soak.wrong:
        time.sleep(SAMPLE_EACH)
        found = sample(daemon.process.pid)
        age = time.monotonic() - born
        if found and age > WARM:
            life.append((age, found[1]))
            descriptors = max(descriptors, found[0])
        longest = max(longest, life, key=len)
        if age > KILL_EACH:
            daemon.kill()
            daemon.start()
            life, born, kills = [], time.monotonic(), kills + 1
    return longest, descriptors, kills


def main():
    with Daemon(arguments=["--requests-per-second", "0", "--publishes-per-minute", "0"]) as daemon:
        soak = Soak(daemon)
        assert daemon.publisher_token
        threads = [threading.Thread(target=soak.publish), *(threading.Thread(target=soak.read) for _ in range(2))]
        for thread in threads:
            thread.start()
        try:
            samples, descriptors, kills = watch(soak, daemon)
        finally:
            soak.is_over.set()
            for thread in threads:
                thread.join()
        lost = [pair for pair in soak.acknowledged if daemon.get(f"/v1/packages/{pair[0]}/releases/{pair[1]}").status != 200]
    growth = slope(samples)
    figure("publishes acknowledged, lost", f"{len(soak.acknowledged)}, {len(lost)}")
    figure("reads", soak.reads)
    figure("kills", kills)
    figure("growth of memory an hour", "too short to say" if growth is None else f"{growth:.1%}")
    figure("most descriptors", descriptors)
    print(f"soak: {SECONDS} s, {len(soak.acknowledged)} published, {len(lost)} lost, {soak.reads} reads, {kills} kills, growth {growth}, wrong {soak.wrong[:3]}")
    return 1 if soak.wrong or lost or not soak.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
