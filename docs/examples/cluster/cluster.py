#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A registry on several machines, on this one: etcd, three PostgreSQL under Patroni with a PgBouncer each, three
registryd, and HAProxy, all on loopback, on free ports and in a temporary folder.

    cluster.py                  runs until Ctrl-C
    cluster.py --seconds 60     ends by itself
    cluster.py --try            publishes, changes the primary, publishes again, and ends

Debian packages: patroni etcd-server pgbouncer haproxy postgresql-15. README.md describes the parts.
"""
import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
UP_SECONDS = 120  # on a slow machine; 20 on a quiet one
USER = "postgres"  # PostgreSQL refuses to run as root


def free_ports(count, address="127.0.0.1"):
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((address, 0))
        return [probe.getsockname()[1] for probe in probes]


def fill(file, /, **values):
    """A file of this folder with its placeholders filled in."""
    text = (HERE / file).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    return text


def wait_for(condition, what, seconds=UP_SECONDS):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"In {seconds} s did not happen: {what}")
        time.sleep(0.1)
    return found


def ask(url, body=None, method=None, token=None, seconds=5):
    """Status and document; None and the reason when there is no answer."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers,
                                     method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, parsed(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, parsed(error.read())
    except OSError as error:
        return None, repr(error)


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def descendants(pid):
    """A process and all below it."""
    children = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def send(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class Process:
    """A program with a log of its own; `prefix` is put before its command, for example to enter a namespace."""

    def __init__(self, command, log, user=None, prefix=()):
        self.log = log
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user else []
        environment = {**os.environ, "LC_ALL": "C", "HOME": str(log.parent)}
        for name in [name for name in environment if name.startswith(("REGISTRYD_", "PG", "PATRONI_"))]:
            del environment[name]
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [*map(str, prefix), *as_user, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, cwd="/", env=environment)

    def is_running(self):
        return self.process.poll() is None

    def pids(self):
        return descendants(self.process.pid) if self.is_running() else []

    def send(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=20):
        pids = self.pids()
        send(pids, signal.SIGCONT)
        self.send(number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        send(self.pids() or [pid for pid in pids if pid != self.process.pid and is_ours(pid)], signal.SIGKILL)
        self.process.wait()

    def kill(self):
        send(self.pids(), signal.SIGKILL)
        self.process.wait()


def is_ours(pid):
    """Whether a process that lost its parent is still one of PostgreSQL's: numbers are used again."""
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip() in ("postgres", "patroni", "pgbouncer")
    except OSError:
        return False


@dataclasses.dataclass
class Node:
    """A machine of the database: Patroni, its PostgreSQL, and PgBouncer."""

    name: str
    address: str
    port: int
    api_port: int
    bouncer_port: int
    folder: pathlib.Path
    prefix: list = dataclasses.field(default_factory=list)
    patroni: Process = None
    bouncer: Process = None

    def api(self, path, body=None, seconds=2):
        return ask(f"http://{self.address}:{self.api_port}{path}", body, seconds=seconds)

    def is_primary(self):
        return self.api("/primary")[0] == 200

    def followers(self):
        """Of a primary: {name: whether it waits for this one}."""
        status, state = self.api("/primary")
        rows = state.get("replication", []) if status == 200 else []
        return {row["application_name"]: row["sync_state"] == "sync" for row in rows if row["state"] == "streaming"}

    def postmaster(self):
        """The processes of PostgreSQL, also when Patroni is gone."""
        try:
            pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        return descendants(pid) if is_ours(pid) else []

    def pids(self):
        own = [pid for process in (self.patroni, self.bouncer) if process for pid in process.pids()]
        return list(dict.fromkeys([*own, *self.postmaster()]))

    def kill(self):
        """As a machine that loses its power."""
        send(self.pids(), signal.SIGKILL)
        for process in (self.patroni, self.bouncer):
            if process:
                process.process.wait()
        wait_for(lambda: not self.postmaster(), f"{self.name} ends", 20)

    def stop(self):
        send(self.pids(), signal.SIGCONT)
        for process in (self.patroni, self.bouncer):
            if process and process.is_running():
                process.stop(signal.SIGINT if process is self.bouncer else signal.SIGTERM)
        send(self.postmaster(), signal.SIGKILL)


class Cluster:
    """All of it; `with` starts and ends it. `hosts`: the address of each node and the command that runs a program
    there. `pooled`: whether daemons go through PgBouncer."""

    def __init__(self, registryd, synchronous=True, daemons=3, hosts=None, hub="127.0.0.1", arguments=(), pooled=True):
        self.registryd, self.synchronous, self.arguments = registryd, synchronous, list(arguments)
        self.pooled = pooled
        self.hub = hub  # the address of everything that is no node
        self.hosts = hosts or [("127.0.0.1", [])] * 3
        self.daemon_count = daemons
        self.password = secrets.token_hex(16)
        self.nodes, self.daemons, self.processes = [], [], []
        self.folder = None

    # ---- life ----

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rc", dir="/tmp"))  # short, for sockets
        self.folder.chmod(0o755)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in self.daemons:
            daemon.process.send(signal.SIGTERM)
        for daemon in self.daemons:
            daemon.process.stop()
        for node in self.nodes:
            if node.patroni:
                node.patroni.send(signal.SIGTERM)
        for node in self.nodes:
            node.stop()
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.start_etcd()
        self.start_nodes()
        self.make_database()
        self.start_daemons()
        self.start_proxy()

    def make_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        return folder

    def run(self, command, name, **options):
        user = USER if os.geteuid() == 0 and options.pop("as_user", True) else None
        return Process(command, self.folder / f"{name}.log", user, **options)

    # ---- parts ----

    def start_etcd(self):
        """One is enough to try; a registry in production has three, on machines of their own."""
        client, peer = free_ports(2, self.hub)
        self.etcd = f"{self.hub}:{client}"
        peers = f"http://{self.hub}:{peer}"
        folder = self.make_folder("etcd")
        self.processes.append(self.run(
            ["etcd", "--enable-v2", "--data-dir", folder / "data", "--listen-client-urls", f"http://{self.etcd}",
             "--advertise-client-urls", f"http://{self.etcd}", "--listen-peer-urls", peers,
             "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"], "etcd"))
        wait_for(lambda: ask(f"http://{self.etcd}/health")[0] == 200, "etcd answers")

    def start_nodes(self):
        ports = iter(free_ports(3 * len(self.hosts)))
        for number, (address, prefix) in enumerate(self.hosts, 1):
            name = f"node{number}"
            node = Node(name, address, next(ports), next(ports), next(ports), self.make_folder(name), prefix)
            self.nodes.append(node)
            self.start_node(node)
        wait_for(self.primary, "a node becomes the primary")
        wait_for(self.is_whole, "the other nodes follow it")

    def start_node(self, node):
        """Also after its end: Patroni lets it follow the primary of today."""
        bins = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        values = {**{field: getattr(node, field) for field in (
            "name", "address", "port", "api_port", "bouncer_port", "folder")}, "password": self.password,
            "etcd": self.etcd, "bin": bins, "synchronous": str(self.synchronous).lower()}
        self.write(node.folder / "patroni.yaml", fill("patroni.yaml", **values))
        self.write(node.folder / "pgbouncer.ini", fill("pgbouncer.ini", **values))
        self.write(node.folder / "userlist.txt", "".join(
            f'"{role}" "{self.password}"\n' for role in ("registry_app", "registry_owner")))
        self.write(node.folder / "role_changed.sh", fill("role_changed.sh", **values))
        (node.folder / "role_changed.sh").chmod(0o700)
        node.patroni = self.run(["patroni", node.folder / "patroni.yaml"], node.name, prefix=node.prefix)
        node.bouncer = self.run(["pgbouncer", node.folder / "pgbouncer.ini"], f"{node.name}-pgbouncer",
                                prefix=node.prefix)

    def write(self, path, text):
        path.write_text(text)
        path.chmod(0o600)  # it has passwords
        if os.geteuid() == 0:
            shutil.chown(path, USER, USER)

    def primary(self):
        return next((node for node in self.nodes if node.is_primary()), None)

    def is_whole(self):
        """Every node follows the primary, which waits for one of them if it should."""
        primary = self.primary()
        followers = primary.followers() if primary else {}
        return len(followers) == len(self.nodes) - 1 and (not self.synchronous or any(followers.values()))

    def sql(self, node, statement, database="registry"):
        """As the superuser, on the node itself."""
        command = [*node.prefix, "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", node.folder,
                   "-p", node.port, "-U", "postgres", "-d", database, "-c", statement]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd="/", timeout=20, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def make_database(self):
        """Two roles, as OPERATIONS.md describes them: the daemon's owns nothing."""
        primary = self.primary()
        for role in ("registry_owner", "registry_app"):
            self.sql(primary, f"CREATE ROLE {role} LOGIN PASSWORD '{self.password}'", "postgres")
        self.sql(primary, "CREATE DATABASE registry OWNER registry_owner ENCODING 'UTF8' TEMPLATE template0",
                 "postgres")

        # Through PgBouncer registryd cannot set its time limits for each connection.
        for limit in ("statement_timeout = '5s'", "lock_timeout = '2s'", "idle_in_transaction_session_timeout = '10s'"):
            self.sql(primary, f"ALTER ROLE registry_app SET {limit}", "postgres")

    def database_url(self, role, port="port", first=0):
        """All nodes; registryd finds the primary among them, or a standby. `port`: of PostgreSQL or of PgBouncer."""
        nodes = self.nodes[first:] + self.nodes[:first]
        hosts = ",".join(node.address for node in nodes)
        ports = ",".join(str(getattr(node, port)) for node in nodes)
        return f"host={hosts} port={ports} user={role} password={self.password} dbname=registry"

    def start_daemons(self):
        """The first one alone: it makes the tables and the administrator's token."""
        for number in range(1, self.daemon_count + 1):
            daemon = RegistryDaemon(self, number, free_ports(1, self.hub)[0])
            self.daemons.append(daemon)
            daemon.start()
            if number == 1:
                wait_for(daemon.is_ready, f"{daemon.name} is ready; see {daemon.process.log}")
        for daemon in self.daemons:
            wait_for(daemon.is_ready, f"{daemon.name} is ready; see {daemon.process.log}")
        self.admin_token = (self.daemons[0].folder / "data" / "admin.token").read_text().strip()

    def start_proxy(self):
        self.proxy = f"{self.hub}:{free_ports(1, self.hub)[0]}"
        servers = "\n".join(f"    server {daemon.name} {daemon.address} check" for daemon in self.daemons)
        path = self.folder / "haproxy.cfg"
        path.write_text(fill("haproxy.cfg", proxy=self.proxy, servers=servers))
        self.processes.append(self.run(["/usr/sbin/haproxy", "-db", "-f", path], "haproxy", as_user=False))
        wait_for(lambda: ask(f"http://{self.proxy}/readyz")[0] == 200, "the proxy answers")

    # ---- for those who use it ----

    @property
    def url(self):
        return f"http://{self.proxy}"

    def make_token(self, name="example"):
        """Of a team that may publish."""
        scopes = ["read", "publish:new", "publish:update", "group:publish", "yank"]
        status, answer = ask(f"{self.url}/v1/tokens", {"name": name, "scopes": scopes, "grant": True},
                             token=self.admin_token)
        if status != 201:
            raise RuntimeError(answer)
        return answer["token"]

    def switch_over(self):
        """Another node becomes the primary, without a fault. Returns it. Patroni refuses while it knows no synchronous standby, as
        in the first seconds."""
        before = self.primary()

        def moved():
            return next((node for node in self.nodes if node is not before and node.is_primary()), None)

        def accepted():
            return before.api("/switchover", {"leader": before.name}, seconds=30)[0] == 200 or moved()

        wait_for(accepted, "Patroni takes the switchover")
        return wait_for(moved, "another node becomes the primary")


class RegistryDaemon:
    """One registryd with a port and a folder that it keeps."""

    def __init__(self, cluster, number, port):
        self.cluster, self.number, self.name = cluster, number, f"daemon{number}"
        self.address = f"{cluster.hub}:{port}"
        self.folder = cluster.make_folder(self.name)
        self.process = None

    def start(self):
        cluster = self.cluster
        command = [cluster.registryd, "--data-dir", self.folder / "data", "--listen", self.address,
                   *self.database_options(),
                   "--database-owner-url", cluster.database_url("registry_owner"),
                   "--read-database-url", cluster.database_url("registry_app", first=self.number),
                   "--lame-duck", "2", "--connections-per-address", "0", *cluster.arguments]
        if not cluster.hub.startswith("127."):
            command.append("--insecure-plain")
        self.process = cluster.run(command, self.name)

    def database_options(self):
        direct = self.cluster.database_url("registry_app")
        if not self.cluster.pooled:
            return ["--database-url", direct]
        return ["--database-pool-mode", "transaction", "--database-direct-url", direct,
                "--database-url", self.cluster.database_url("registry_app", "bouncer_port")]

    def is_ready(self):
        return ask(f"http://{self.address}/readyz")[0] == 200


# ---- the program ----

def find_registryd():
    built = HERE.parents[2] / "build" / "bin" / "registryd"
    found = os.environ.get("REGISTRYD_PROGRAM") or shutil.which("registryd") or (built.exists() and str(built))
    if not found:
        sys.exit("cluster.py: registryd is not installed. Install it, run ./dev build, or set REGISTRYD_PROGRAM")
    return found


def check_programs():
    missing = [name for name in ("etcd", "patroni", "pgbouncer", "haproxy")
               if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing:
        sys.exit(f"cluster.py: missing programs: {', '.join(missing)}. Install the Debian packages patroni, "
                 "etcd-server, pgbouncer, haproxy and postgresql-15")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            sys.exit(f"cluster.py: there is no user {USER}, which runs PostgreSQL. Install postgresql-15")


def publish(cluster, token, version):
    body = {"name": "example", "version": version, "entry_points": {"example.plugins": {"example": "example:plugin"}}}
    return ask(f"{cluster.url}/v1/packages/example/releases/{version}", body, "PUT", token)[0]


def try_it(cluster):
    """Publishes on both sides of a change of the primary."""
    token = cluster.make_token()
    print(f"published: {publish(cluster, token, '1.0')}", flush=True)
    begin = time.monotonic()
    after = cluster.switch_over()
    wait_for(lambda: publish(cluster, token, "2.0") in (200, 201), "publishing works again", 60)
    status, answer = ask(f"{cluster.url}/v1/resolve?group=example.plugins")
    print(f"the primary is now {after.name}; published again after {time.monotonic() - begin:.1f} s; "
          f"resolved: {status} {[record['version'] for record in answer['records']]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, help="end after this time")
    parser.add_argument("--asynchronous", action="store_true", help="acknowledge before a second node has a change")
    parser.add_argument("--try", action="store_true", dest="is_try", help="publish, change the primary, and end")
    options = parser.parse_args()
    check_programs()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    begin = time.monotonic()
    with Cluster(find_registryd(), synchronous=not options.asynchronous) as cluster:
        print(f"up after {time.monotonic() - begin:.1f} s: {cluster.url}\n"
              f"administrator's token: {cluster.folder}/daemon1/data/admin.token\nlogs: {cluster.folder}", flush=True)
        if options.is_try:
            try_it(cluster)
            return
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(options.seconds) if options.seconds else signal.pause()


if __name__ == "__main__":
    main()
