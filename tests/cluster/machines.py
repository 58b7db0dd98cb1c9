# SPDX-License-Identifier: MIT
"""Three machines as network namespaces, and what can happen to them. A program calls `enter` first: it starts
itself again in namespaces of its own, so that nothing outside is changed and the kernel removes all of it at the end.

    enter()
    with Cluster(program, hosts=make_hosts(), hub=HUB) as cluster:
        fault = FAULTS["cut"]
        fault.begin(cluster, node)
        fault.end(cluster, node)
"""
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import time

HUB = "10.77.0.1"
INSIDE = "REGISTRY_CLUSTER_INSIDE"  # set in the environment once the namespaces are entered


def reason_to_skip():
    if os.geteuid():
        return "network namespaces need root"
    probe = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return "network namespaces are not permitted here" if probe.returncode else None


def enter():
    if os.environ.get(INSIDE):
        return
    os.execvpe("unshare", ["unshare", "--net", "--mount", "--", sys.executable, *sys.argv],
               {**os.environ, INSIDE: "1"})


def run(line, **options):
    subprocess.run(line.split(), check=True, **options)


def make_hosts(count=3):
    """[(address, the command that runs a program there)]: a bridge with a namespace for each."""
    pathlib.Path("/run/netns").mkdir(exist_ok=True)
    run("mount -t tmpfs tmpfs /run/netns")
    run("ip link set lo up")
    run("ip link add hub type bridge")
    run(f"ip address add {HUB}/24 dev hub")
    run("ip link set hub up")
    hosts = []
    for number in range(1, count + 1):
        name, address = f"node{number}", f"10.77.0.{10 + number}"
        run(f"ip netns add {name}")
        run(f"ip link add to-{name} type veth peer name eth0 netns {name}")
        run(f"ip link set to-{name} master hub up")
        for words in (f"address add {address}/24 dev eth0", "link set eth0 up", "link set lo up"):
            run(f"ip -n {name} {words}")
        hosts.append((address, ["ip", "netns", "exec", name]))
    return hosts


# ---- what happens ----

CUT = """table inet cut {
    chain in { type filter hook input priority 0; policy drop; iif "lo" accept; }
    chain out { type filter hook output priority 0; policy drop; oif "lo" accept; }
}
"""


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def kill(cluster, node):
    node.kill()


def start(cluster, node):
    cluster.start_node(node)


def crash(cluster, node):
    """PostgreSQL alone: Patroni sees it."""
    send(node.postmaster(), signal.SIGKILL)


def pause(cluster, node):
    send(node.pids(), signal.SIGSTOP)


def go_on(cluster, node):
    send(node.pids(), signal.SIGCONT)


def wake_database(cluster, node):
    """PostgreSQL and PgBouncer, and not the Patroni that would stop them."""
    send([*node.postmaster(), *node.bouncer.pids()], signal.SIGCONT)


def cut(cluster, node):
    """Every packet from and to the machine is dropped, without a word."""
    subprocess.run([*node.prefix, "nft", "-f", "-"], input=CUT, text=True, check=True)


def heal(cluster, node):
    subprocess.run([*node.prefix, "nft", "delete", "table", "inet", "cut"], check=True)


def switch_over(cluster, node):
    cluster.switch_over()


def nothing(cluster, node):
    pass


def kill_daemon(cluster, node):
    """The first one; the proxy and the clients must use the others."""
    cluster.daemons[0].process.kill()


def start_daemon(cluster, node):
    cluster.daemons[0].start()


def cut_connections(cluster, node):
    """All that daemons hold, three times: also those on which they listen for changes."""
    for _ in range(3):
        for one in cluster.nodes:
            cluster.sql(one, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                             "WHERE usename = 'registry_app'")
        time.sleep(0.5)


@dataclasses.dataclass(frozen=True)
class Fault:
    """`begin` takes the primary away, or something else; `end` gives it back."""

    begin: callable
    end: callable
    moves: bool = True  # another node becomes the primary


FAULTS = {
    "kill": Fault(kill, start),
    "pause": Fault(pause, go_on),
    "cut": Fault(cut, heal),
    "switchover": Fault(switch_over, nothing),
    "crash": Fault(crash, nothing),
    "daemon": Fault(kill_daemon, start_daemon, moves=False),
    "connections": Fault(cut_connections, nothing, moves=False),
}
