# SPDX-License-Identifier: MIT
"""What `--database-pool-mode transaction` costs: three daemons in turns, each with a database of one cluster: with named
statements, with unnamed ones, and with unnamed ones through PgBouncer.

    /usr/bin/python3 tests/bench/pool_mode_pairs.py [--rounds 9] [--seconds 1]

A line of JSON for each kind of request: the processor's time that PostgreSQL, registryd and PgBouncer took for one, in
microseconds, and its ratio to named statements. A busy machine changes the time that passes, but hardly this one."""

import argparse
import http.client
import json
import os
import pathlib
import time

import tools
from support.pgbouncer import PgBouncer
from support.postgres import Cluster, children

GROUP = "pooled.plugins"


def publish(turn, number):
    name = f"p{turn}x{number}"
    document = {"name": name, "version": "1.0", "entry_points": {GROUP: {f"p{turn}x{number}": "a.b:c"}}}
    return "PUT", f"/v1/packages/{name}/releases/1.0", json.dumps(document).encode()


KINDS = {
    "publish": publish,
    "package": lambda turn, number: ("GET", "/v1/packages/base", None),
    "page": lambda turn, number: ("GET", "/packages/base", None),
    "search": lambda turn, number: ("GET", "/v1/packages?q=base", None),
    "resolve from memory": lambda turn, number: ("GET", f"/v1/resolve?group={GROUP}.base", None),
}


def processor_us(pids):
    """What these processes have taken so far."""
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1_000_000 // os.sysconf("SC_CLK_TCK")


def ask(daemon, kind, turn, seconds):
    """How many requests one connection makes in that time."""
    host, port = daemon.address.split(":")
    connection = http.client.HTTPConnection(host, int(port))
    headers = {"Authorization": f"Bearer {daemon.publisher_token}", "Content-Type": "application/json"}
    begin, count = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        method, path, body = KINDS[kind](turn, count)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 201), (path, answer.status)
        count += 1
    connection.close()
    return count


def begin(cluster, bouncer, mode):
    owner = cluster.create_database()
    name = owner.rpartition("dbname=")[2]
    direct = owner.replace("user=postgres", "user=registryd_app")
    url = bouncer.conninfo(name, "registryd_app") if mode == "pgbouncer" else direct
    arguments = ["--database-url", url, "--database-owner-url", owner]
    if mode != "named":
        arguments += ["--database-pool-mode", "transaction", "--database-direct-url", direct]
    return tools.PlainDaemon(arguments=arguments, environment={"REGISTRYD_NEW_NAMES_BURST": "1000000"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    with Cluster(shared_buffers="'128MB'") as cluster, PgBouncer(cluster, servers=8) as bouncer:
        modes = ("named", "unnamed", "pgbouncer")
        daemons = {mode: begin(cluster, bouncer, mode) for mode in modes}
        try:
            for daemon in daemons.values():
                document = {"name": "base", "version": "1.0", "entry_points": {f"{GROUP}.base": {"base": "a.b:c"}}}
                assert daemon.put("/v1/packages/base/releases/1.0", document).status == 201
            for kind in KINDS:
                used, count = dict.fromkeys(modes, 0), dict.fromkeys(modes, 0)
                for turn in range(asked.rounds):
                    for mode in modes if turn % 2 else modes[::-1]:
                        pids = [*children(cluster.pid()), daemons[mode].process.pid, bouncer.process.pid]
                        before = processor_us(pids)
                        count[mode] += ask(daemons[mode], kind, turn, asked.seconds)
                        used[mode] += processor_us(pids) - before
                each = {mode: used[mode] / count[mode] for mode in modes}
                print(json.dumps({"kind": kind, **{mode: [round(each[mode]), round(each[mode] / each["named"], 2)]
                                                   for mode in modes}}), flush=True)
        finally:
            for daemon in daemons.values():
                daemon.close()


if __name__ == "__main__":
    main()
