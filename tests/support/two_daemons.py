# SPDX-License-Identifier: MIT
"""Two daemons on one database, and what one does to them: publish at the first, ask the second, and cut
the second off from the database meanwhile.

    with Pair() as pair, Cutter(pair, LISTENER) as cutter, Follower(pair.at_second()) as follower:
        serial = publish(pair.at_first(), "crm", "1.0", "app.plugins")
        cutter.cut_soon()
        pair.at_second().get(f"/v1/resolve?group=app.plugins&min_serial={serial}")
"""

import http.client
import json
import queue
import random
import subprocess
import threading
import time

from support.daemon import Answer, Daemon
from support.postgres import Cluster
from support.registry import Registry

# Which of the second daemon's backends: the one that listens (also when it has just asked for a sign of
# life), or all.
LISTENER = "application_name = 'second' AND (query LIKE 'LISTEN%' OR query = 'SELECT')"
EVERYTHING = "application_name = 'second'"


class Pair:
    """`first` takes the changes and `second` is asked; the test may kill and start both."""

    def __init__(self, arguments=()):
        """`arguments`: more of them for the second."""
        self.arguments = arguments

    def __enter__(self):
        self.cluster = Cluster()
        self.cluster.__enter__()
        try:
            self.first = Registry(self.cluster)
            url = self.first.conninfo.replace("user=postgres", "user=registryd_app")
            url += " application_name=second"
            self.second = Daemon(arguments=["--database-url", url, *self.arguments])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in (getattr(self, "second", None), getattr(self, "first", None)):
            if daemon:
                daemon.close()
        self.cluster.__exit__()

    def at_first(self):
        return Connection(self.first, self.first.publisher_token)

    def at_second(self):
        return Connection(self.second, self.first.publisher_token)


class Connection:
    """Requests over one connection that is kept, made anew when it breaks; OSError when there is no
    answer. Answers never go back in time: that is looked at here."""

    def __init__(self, daemon, token):
        self.daemon, self.token = daemon, token
        self.http = None
        self.address = None
        self.point = (None, 0)

    def request(self, method, path, body=None, headers=None):
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            self._connect()
            self.http.request(method, path, body, headers)
            answer = self.http.getresponse()
            answer = Answer(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(repr(error)) from error
        self._look_at(answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def ask(self, path):
        """The document of an answer that must be there."""
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json

    def close(self):
        if self.http:
            self.http.close()
        self.http = None

    def _connect(self):
        if self.http and self.address == self.daemon.address:
            return
        self.close()
        self.address = self.daemon.address
        if not self.address:  # it is being started
            raise ConnectionRefusedError("no address")
        host, port = self.address.split(":")
        self.http = http.client.HTTPConnection(host, int(port), timeout=30)

    def _look_at(self, answer):
        epoch, serial = answer.headers["X-Registry-Epoch"], answer.headers["X-Registry-Serial"]
        if serial is not None and epoch:
            before, self.point = self.point, (epoch, int(serial))
            if before[0] == epoch:
                assert self.point[1] >= before[1], f"from {before} back to {self.point}"


def document(name, version, group):
    return {"name": name, "version": version, "entry_points": {group: {name: f"two.{name}:plugin"}}}


def publish(connection, name, version, group):
    """The serial of a release that must be new."""
    path = f"/v1/packages/{name}/releases/{version}"
    answer = connection.request("PUT", path, document(name, version, group))
    assert answer.status == 201, answer.body
    return answer.json["serial"]


class Worker(threading.Thread):
    """A thread whose failure is that of the `with` around it."""

    def __init__(self):
        super().__init__()
        self.stopped = threading.Event()
        self.failure = None

    def run(self):
        try:
            self.work()
        except BaseException as failure:
            self.failure = failure

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.stopped.set()
        self.join()
        if self.failure and not kind:
            raise self.failure


class Cutter(Worker):
    """Ends backends of the second daemon, each time it is told to, a moment later. What was ordered is
    done before it ends; `count` is how many times it found any."""

    def __init__(self, pair, which, seed=1):
        super().__init__()
        self.pair, self.which = pair, which
        self.count = self.ended = 0
        self.random = random.Random(seed)
        self.orders = queue.Queue(1)  # what cuts all the time would never let anything through

    def cut_soon(self):
        self.orders.put(True, timeout=60)

    def __exit__(self, *about):
        self.orders.put(False, timeout=60)
        super().__exit__(*about)

    def work(self):
        command = self.pair.cluster.command("psql", "-X", "-A", "-t", "-q", "-d", self.pair.first.conninfo)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              bufsize=1, cwd="/") as self.psql:
            while self.orders.get():
                time.sleep(self.random.uniform(0, 0.02))
                ended = self._cut()
                while not ended:  # it is just about to connect again
                    time.sleep(0.005)
                    ended = self._cut()
                self.count += 1
                self.ended += ended
            self.psql.stdin.close()

    def _cut(self):
        self.psql.stdin.write("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                              f"WHERE {self.which};\n")
        return int(self.psql.stdout.readline())


class Follower(Worker):
    """Reads the changes at a daemon by long poll: each serial once, in order. `seen`: {serial: when}."""

    def __init__(self, connection):
        super().__init__()
        self.connection = connection
        self.seen = {}
        self.unavailable = 0

    def work(self):
        since = 0
        while not self.stopped.is_set():
            answer = self.connection.get(f"/v1/changes?since={since}&wait=1&limit=1000")
            if answer.status == 503:
                self.unavailable += 1
                time.sleep(0.02)
                continue
            assert answer.status == 200, answer.body
            now = time.monotonic()
            for change in answer.json["changes"]:
                assert change["serial"] == since + 1, "a change is missing, or told twice"
                since = change["serial"]
                self.seen[since] = now
        self.connection.close()

    def wait_for(self, serial, seconds=30):
        end = time.monotonic() + seconds
        while serial not in self.seen and self.is_alive():
            assert time.monotonic() < end, f"change {serial} is not told"
            time.sleep(0.02)


def told(what, seconds):
    """One line on how long something took."""
    ordered = sorted(seconds)
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000
          for name, part in (("p50", .5), ("p99", .99), ("most", 1))}
    return f"{what}: " + ", ".join(f"{name} {value:.1f} ms" for name, value in at.items())
