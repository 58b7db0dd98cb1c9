# SPDX-License-Identifier: MIT
"""What the measurements share: programs to run, a daemon with its own settings, medians."""

import json
import os
import pwd
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE_DIR = HERE.parents[1]
BUILD_DIR = Path(os.environ.setdefault("REGISTRYD_BUILD_DIR", str(SOURCE_DIR / "build"))).resolve()
sys.path.insert(0, str(HERE.parent))

from support.daemon import Daemon  # noqa: E402  (needs the two lines above)

POSTGRES = Path("/usr/lib/postgresql/15/bin")


class PlainDaemon(Daemon):
    """A daemon with its default settings, which the tests' daemon changes; only its limits are so high
    that one machine does not meet them. They are counted all the same."""

    def _environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("REGISTRYD_", "PG"))}
        limits = {f"REGISTRYD_{name}": "1000000" for name in (
            "REQUESTS_PER_SECOND", "PUBLISHES_PER_MINUTE", "NEW_NAMES_PER_HOUR")}
        kept["REGISTRYD_OPERATOR"] = pwd.getpwuid(os.geteuid()).pw_name
        return {**kept, **limits, **self.environment}


def daemon(threads=None, start=True):
    environment = {"REGISTRYD_NEW_NAMES_BURST": "100000"}  # what is measured is not the pace of new names
    if threads:
        environment["REGISTRYD_THREADS"] = str(threads)
    return PlainDaemon(environment=environment, start=start)


def output_of(*command, **options):
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=True, **options
    ).stdout


def wrk(url, connections, seconds, script=None, arguments=()):
    """The text wrk prints. One thread a connection with a script, else one thread in all."""
    threads = connections if script else 1
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
    command += ["-s", HERE / script] if script else []
    return output_of(*command, url, *(["--", *arguments] if arguments else []))


def requests_per_second(wrk_output):
    if "Non-2xx" in wrk_output or "Socket errors" in wrk_output:
        raise RuntimeError(f"wrk met errors:\n{wrk_output}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", wrk_output)[1])


def publishes_per_second(url, token, run, publishers, seconds):
    told = wrk(url, publishers, seconds, "publish.lua", [token, run])
    result = json.loads(re.search(r"RESULT (\{.*\})", told)[1])
    if result["refused"] or result["broken"]:
        raise RuntimeError(f"not every publish was taken:\n{told}")
    return result["requests"] / (result["microseconds"] / 1e6)


def raw_answer(address, path):
    """The bytes of a whole answer, head and body."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length:
            body += connection.recv(65536)
    return head + b"\r\n\r\n" + body, length


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}")


def milliseconds(*command):
    begin = time.perf_counter()
    output_of(*command)
    return (time.perf_counter() - begin) * 1000


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) / 1024


def as_user(name):
    """What to put before a command so that it runs as this user: PostgreSQL refuses to be root."""
    return ["setpriv", "--reuid", name, "--regid", name, "--clear-groups"] if os.getuid() == 0 else []


def initdb_seconds(user):
    """A cluster made as registryd makes its own, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        options = ["--locale=C", "--encoding=UTF8", "--data-checksums", "--auth=peer"]
        begin = time.perf_counter()
        output_of(*as_user(user), POSTGRES / "initdb", *options, "-D", f"{folder}/data", cwd="/")
        return time.perf_counter() - begin


def owner_of(running):
    return pwd.getpwuid((running.data_dir / "postgres").stat().st_uid).pw_name


class Pgbench:
    """pgbench on the daemon's own cluster, in a database beside the registry's."""

    def __init__(self, running):
        lines = (running.data_dir / "postgres/postmaster.pid").read_text().splitlines()
        self.options = ["-h", lines[4], "-p", lines[3], "-U", "registryd"]
        self._run("createdb", "bench")
        self._run("pgbench", "-i", "-q", "-s", "10", "bench")

    def _run(self, program, *arguments):
        return output_of(POSTGRES / program, *self.options, *arguments, cwd="/")

    def simple_updates_per_second(self, clients, seconds):
        told = self._run("pgbench", "-N", "-n", f"-c{clients}", f"-j{min(clients, 2)}", f"-T{seconds}", "bench")
        return float(re.search(r"tps = ([\d.]+)", told)[1])


def median(values):
    return statistics.median(values)
