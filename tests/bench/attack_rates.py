# SPDX-License-Identifier: MIT
"""What others notice while somebody attacks: /healthz and a resolution are asked all the time, from another address.

    ./dev bench attacks [--packages 100000] [--seconds 10] [PART…]

Parts: quiet, holders, slowhttptest, floods, readers, small. Each prints a line of JSON for each attack. Everything is
bounded and on loopback. It needs slowhttptest for that part, and a memory cgroup (as root) for `small`."""

import argparse
import base64
import concurrent.futures
import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import resource
import socket
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from probe import Probe
from resolution_rates import GROUP as CATALOGUE, fill
from tools import PlainDaemon, daemon, resident_mib

from support.access import make_token
from support.postgres import Cluster

GROUP = "attacked.plugins"
HOLDERS = 1000
SETTLE_SECONDS = 60


def publish(running, name):
    document = {"name": name, "version": "1.0", "entry_points": {GROUP: {name: "attacked.plugin:main"}}}
    answer = running.put(f"/v1/packages/{name}/releases/1.0", document)
    assert answer.status in (200, 201), answer.body


def tell(attack, figures):
    print(json.dumps({"attack": attack, **figures}, default=lambda number: round(number, 2)), flush=True)


def rounded(found):
    return {path: {key: round(value, 1) for key, value in one.items()} for path, one in found.items()}


def during(running, attack, act):
    """Runs the attack under the probe, with one publish of somebody else."""
    before = resident_mib(running.process.pid)
    with Probe(running, GROUP) as probe:
        figures = act() or {}
        begin = time.perf_counter()
        publish(running, f"beside-{len(attack)}-{time.time_ns()}")
        publish_ms = (time.perf_counter() - begin) * 1000
    tell(attack, {**rounded(probe.result), "publish ms": round(publish_ms, 1), "rss MiB": round(resident_mib(running.process.pid)),
                  "rss before MiB": round(before), **figures})


# ---- connections that are held ----

HEADS = {
    "silent": b"",
    "head": b"GET /v1/resolve?group=x HTTP/1.1\r\nHost: x\r\nX-",
    "body": b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{",
    "unread": f"GET /v1/resolve?group={GROUP} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 20,
}


def connect(running):
    host, _, port = running.address.rpartition(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect((host, int(port)))
    return connection


def count_open(connections):
    count = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            count += bool(connection.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            count += 1
        except OSError:
            pass
    return count


def hold(running, sent, seconds, drip=b""):
    """Holders that send a byte in each second of the attack; how many are still held at its end."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(HOLDERS):
            connection = stack.enter_context(connect(running))
            with contextlib.suppress(OSError):
                connection.sendall(sent)
            connections.append(connection)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(1)
            for connection in connections if drip else ():
                with contextlib.suppress(OSError):
                    connection.setblocking(False)
                    connection.send(drip)
        return {"held at the end": count_open(connections)}


def part_holders(seconds):
    with daemon() as running:
        publish(running, "first")
        serial = running.get("/v1").json["serial"]
        for what, sent in HEADS.items():
            during(running, f"{HOLDERS} holders: {what}", lambda: hold(running, sent, seconds, b"" if what in ("silent", "unread") else b"a"))
        poll = f"GET /v1/changes?since={serial + 1000}&wait=30 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        during(running, f"{HOLDERS} holders: long polls", lambda: hold(running, poll, seconds))


def slowhttptest(running, options, seconds):
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            ["slowhttptest", "-c", str(HOLDERS), "-r", "200", "-l", str(seconds), "-i", "5", "-p", "3", "-v", "1", "-g",
             "-o", f"{folder}/x", "-u", f"{running.url}/v1/resolve?group={GROUP}", *options],
            capture_output=True, text=True, timeout=seconds + 120).stdout
        lines = [line.split(",") for line in Path(f"{folder}/x.csv").read_text().splitlines() if line.strip()]
    names, rows = [name.strip() for name in lines[0]], lines[1:]
    figures = dict(zip(names, rows[-1])) if rows else {}
    status = re.findall(r"Exit status: *(.*)", re.sub(r"\x1b\[[\d;]*m", "", told))
    return {"slowhttptest": {"exit": status[-1:], **figures}}


def part_slowhttptest(seconds):
    modes = {"headers": ["-H", "-x", "24"], "bodies": ["-B", "-s", "8192", "-x", "10"], "reads": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"]}
    with daemon() as running:
        publish(running, "first")
        for what, options in modes.items():
            during(running, f"slowhttptest: {what}", lambda: slowhttptest(running, options, max(seconds, 20)))


# ---- many requests ----

def repeat(running, method, path, body, headers, seconds, clients=16):
    """The statuses of requests sent in turns by some clients, and their number."""
    host, _, port = running.address.rpartition(":")
    end = time.monotonic() + seconds

    def work(_):
        statuses = {}
        while time.monotonic() < end:
            connection = http.client.HTTPConnection(host, int(port), 60)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                code = answer.status
            except OSError:
                code = 0
            finally:
                connection.close()
            statuses[code] = statuses.get(code, 0) + 1
        return statuses

    total = {}
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for statuses in pool.map(work, range(clients)):
            for code, count in statuses.items():
                total[code] = total.get(code, 0) + count
    return {"statuses": total}


def part_floods(seconds):
    values = b'{"name":"x","version":"1.0","entry_points":[' + b"{}," * 66_000 + b"{}]}"
    json_head = {"Content-Type": "application/json"}
    with daemon() as running:
        publish(running, "first")
        hostile = {"name": "hostile", "version": "1.0", "description": "![[]()" * 10_000, "description_content_type": "text/markdown"}
        assert running.put("/v1/packages/hostile/releases/1.0", hostile).status == 201
        token = make_token(running, "many-uploads", ["publish:new"], grant=True)
        floods = {
            "bad tokens": ("GET", "/v1/token", None, {"Authorization": "Bearer plg_" + "0" * 46}),
            "checks of 1 MiB": ("POST", "/v1/check", values, json_head),
            "a hostile description": ("GET", "/packages/hostile", None, {}),
            "searches": ("GET", "/v1/packages?q=attacked+plugin+hostile+beside", None, {}),
            "questions nobody asked before": ("GET", f"/v1/resolve?group={GROUP}&have=nonce==1", None, {}),
            "uploads that are no wheel": ("POST", "/v1/artifacts?filename=flood-1.0-py3-none-any.whl", b"x" * 2_000_000,
                                          {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}),
        }
        for what, (method, path, body, headers) in floods.items():
            during(running, f"flood: {what}", lambda: repeat(running, method, path, body, headers, seconds))


# ---- readers of large pages ----

def peak_mib(pid):
    return int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def part_readers(seconds, packages):
    pages = ["/status", "/environments/default", f"/groups/{CATALOGUE}", f"/v1/groups/{CATALOGUE}",
             "/v1/packages?environment=default", f"/v1/requirements?group={CATALOGUE}", f"/v1/resolve?group={CATALOGUE}"]
    with daemon() as running:
        tell("fill", {"seconds": fill(running, packages)})
        assert running.get(f"/v1/resolve?group={CATALOGUE}&limit=1", timeout=300).status == 200
        quiet = resident_mib(running.process.pid)
        for path in pages:
            for headers in ({}, {"Accept-Encoding": "gzip"}):
                Path(f"/proc/{running.process.pid}/clear_refs").write_text("5")  # the peak begins anew
                figures = repeat(running, "GET", path, None, headers, seconds, 32)
                tell(f"32 readers: {path}{' packed' if headers else ''}", {**figures, "rss MiB": resident_mib(running.process.pid), "peak MiB": peak_mib(running.process.pid)})
        time.sleep(SETTLE_SECONDS)
        tell("a minute later", {"rss MiB": resident_mib(running.process.pid), "before the readers MiB": quiet})


# ---- 256 MiB for everything ----

class MemoryGroup:
    """A memory cgroup of version 1."""

    def __init__(self, mib):
        self.folder = Path(f"/sys/fs/cgroup/memory/registryd-bench-{os.getpid()}")
        self.folder.mkdir()
        (self.folder / "memory.limit_in_bytes").write_text(str(mib << 20))

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def peak_mib(self):
        return int((self.folder / "memory.max_usage_in_bytes").read_text()) >> 20

    def killed(self):
        return re.search(r"oom_kill (\d+)", (self.folder / "memory.oom_control").read_text())[1]


class SmallDaemon(PlainDaemon):
    group = None

    def command(self, arguments=()):
        inside = f"echo $$ > {self.group.folder}/cgroup.procs; exec \"$@\""
        return ["/bin/sh", "-c", inside, "sh", *super().command(arguments)]


def large_wheel(mib):
    """A wheel of about so many MiB; the same for everybody, so only the first is stored."""
    info = "largest-1.0.dist-info"
    members = {"largest/data.bin": os.urandom(mib << 20),
               f"{info}/METADATA": b"Metadata-Version: 2.1\nName: largest\nVersion: 1.0\n",
               f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    lines = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}"
             for name, data in members.items()]
    members[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def status_of(running, source, head, body):
    """Sends until the daemon does not take more, then reads what it said; 0 = nothing."""
    host, _, port = running.address.rpartition(":")
    connection = socket.create_connection((host, int(port)), 120, (source, 0))
    try:
        with contextlib.suppress(OSError):
            connection.sendall(head + body[:1 << 16])
            connection.sendall(memoryview(body)[1 << 16:])
        with contextlib.suppress(OSError):
            answer = connection.recv(4096)
            return int(answer.split()[1]) if answer else 0
        return 0
    finally:
        connection.close()


def part_small():
    """A hundred of the largest uploads beside a hundred of the largest checks, all at once."""
    group = SmallDaemon.group = MemoryGroup(256)
    try:
        with Cluster() as cluster, SmallDaemon(arguments=["--database-url", cluster.create_database()]) as running:
            publish(running, "first")
            token = make_token(running, "largest", ["publish:new"], grant=True)
            wheel = f"Authorization: Bearer {token}\r\nContent-Type: application/octet-stream\r\n"
            values = b'{"name":"x","version":"1.0","entry_points":[' + b"{}," * 66_000 + b"{}]}"
            upload = large_wheel(60)

            def send(number):
                if number % 2:
                    head = f"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(values)}\r\n\r\n"
                else:
                    head = (f"POST /v1/artifacts?filename=largest-1.0-py3-none-any.whl HTTP/1.1\r\nHost: x\r\n{wheel}"
                            f"Content-Length: {len(upload)}\r\n\r\n")
                return status_of(running, f"127.0.1.{number + 1}", head.encode(), values if number % 2 else upload)

            with Probe(running, GROUP) as probe, concurrent.futures.ThreadPoolExecutor(200) as pool:
                statuses = list(pool.map(send, range(200)))
            counts = {code: statuses.count(code) for code in sorted(set(statuses))}
            tell("200 of the largest in 256 MiB", {"statuses": counts, "group peak MiB": group.peak_mib(), "daemon peak MiB": peak_mib(running.process.pid), "killed": group.killed(),
                                                   "alive": running.get("/healthz").status, **rounded(probe.result)})
    finally:
        group.folder.rmdir()


def part_quiet(seconds):
    with daemon() as running:
        publish(running, "first")
        during(running, "nobody attacks", lambda: time.sleep(seconds))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("parts", nargs="*", default=["quiet", "holders", "slowhttptest", "floods", "readers", "small"])
    asked = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    steps = {"quiet": lambda: part_quiet(asked.seconds), "holders": lambda: part_holders(asked.seconds), "slowhttptest": lambda: part_slowhttptest(asked.seconds),
             "floods": lambda: part_floods(asked.seconds), "readers": lambda: part_readers(asked.seconds, asked.packages), "small": part_small}
    for part in asked.parts:
        steps[part]()


if __name__ == "__main__":
    main()
