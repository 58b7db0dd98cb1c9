# SPDX-License-Identifier: MIT
"""Connections that come and go for NIGHT_SECONDS: answered ones, ones that are reset, ones that only send half a head. Afterwards the
daemon has the descriptors and the memory that it had after the first seconds, and answers as before."""
import os
import pathlib
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.daemon import Daemon  # noqa: E402
from support.figures import figure  # noqa: E402

SECONDS = int(os.environ.get("NIGHT_SECONDS", "10"))
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


def answered(address):
    with socket.create_connection(address, 10) as wire:
        wire.sendall(HEAD + b"Connection: close\r\n\r\n")
        return wire.recv(64).startswith(b"HTTP/1.1 200")


def reset(address):
    with socket.create_connection(address, 10) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.sendall(HEAD + b"\r\n")
    return True


def half(address):
    with socket.create_connection(address, 10) as wire:
        wire.sendall(HEAD)
    return True


def worker(address, kinds, end, counts, number):
    while time.monotonic() < end:
        for kind in kinds:
            try:
                counts[number][0] += kind(address)
            except OSError:
                counts[number][1] += 1


def state(pid):
    return len(os.listdir(f"/proc/{pid}/fd")), int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def load(address, seconds):
    counts = [[0, 0] for _ in range(8)]
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=worker, args=(address, (answered, reset, half), end, counts, number)) for number in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done for done, _ in counts), sum(failed for _, failed in counts)


def main():
    with Daemon(arguments=["--requests-per-second", "0"]) as daemon:
        address = (daemon.address.rsplit(":", 1)[0].strip("[]"), int(daemon.address.rsplit(":", 1)[1]))
        load(address, 5)
        time.sleep(3)
        before = state(daemon.process.pid)
        done, failed = load(address, SECONDS)
        time.sleep(3)
        after = state(daemon.process.pid)
        good = daemon.get("/readyz").status == 200
    figure("connections a second", round(done / SECONDS))
    figure("connections that failed", failed)
    figure("descriptors before and after", f"{before[0]}, {after[0]}")
    figure("MiB before and after", f"{before[1] >> 20}, {after[1] >> 20}")
    print(f"connections: {done} in {SECONDS} s, {failed} failed; descriptors {before[0]} and {after[0]}, MiB {before[1] >> 20} and {after[1] >> 20}")
    return 0 if good and after[0] <= before[0] + 4 and after[1] < before[1] * 1.2 + (16 << 20) and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
