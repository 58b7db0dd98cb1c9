# SPDX-License-Identifier: MIT
"""A registryd for tests: a real daemon on a free port, with its data in a temporary folder.

    from support.daemon import Daemon

    with Daemon() as daemon:
        answer = daemon.get("/v1")
        answer = daemon.put("/v1/packages/crm/releases/1.0", document)   # as a publisher
        daemon.url, daemon.admin_token, daemon.publisher_token, daemon.data_dir, daemon.log()

Tests that only need "a daemon" take the pytest fixture `daemon`, one per test file (see
conftest.py). Leaving the `with`, an exception, or the death of the test run stop everything: a guard
process waits for the end of this one and then kills whatever still runs on the data directory, the
private postmaster included.
"""

import atexit
import dataclasses
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

if __name__ != "__main__":  # the guard needs nothing of it
    from support.object_store import shared

SOURCE_DIR = pathlib.Path(
    os.environ.get("REGISTRYD_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BUILD_DIR = pathlib.Path(os.environ.get("REGISTRYD_BUILD_DIR", SOURCE_DIR / "build"))
PROGRAM = BUILD_DIR / "bin" / "registryd"

PUBLISHER = {"name": "publisher", "scopes": [
    "read", "publish:new", "publish:update", "group:publish", "group:contract", "yank", "environment",
    "report"], "grant": True}

# No log of any test may hold what looks like this.
TOKEN = re.compile(rb"plg[ac]?_[0-9A-Za-z]{46}")

# Under sanitizers, on a busy machine. Only reached when something is wrong.
START_SECONDS = 60
STOP_SECONDS = 60


@dataclasses.dataclass
class Answer:
    """What came back, whatever its status: errors are answers too."""

    status: int
    headers: object  # case-insensitive mapping
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Daemon:
    """One data directory, and the registryd that runs on it, over any number of starts."""

    def __init__(self, data_dir=None, arguments=(), environment=None, start=True,
                 program=PROGRAM):
        """`data_dir` None makes a temporary one that goes away with the object. `arguments` and
        `environment` are added to every start. `program` is another registryd than the built one."""
        self.program = program
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="registryd-test-"))
        self.home.chmod(0o755)  # started as root, registryd becomes another user
        self.data_dir = pathlib.Path(data_dir) if data_dir else self.home / "data"
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        if (store := shared()) and "--files" not in self.arguments:
            self.arguments += store.arguments()
            self.environment |= store.environment
        self.process = None
        self.address = None
        self._log_path = self.home / "registryd.log"
        self._log_offset = 0
        self._publisher_token = None
        self._admin_token = None  # of another daemon on the database
        self._guard = subprocess.Popen(
            [sys.executable, __file__, str(self.data_dir)], stdin=subprocess.PIPE,
            start_new_session=True)
        atexit.register(self.close)
        if start:
            try:
                self.start()
            except BaseException:
                self.close()
                raise

    # ---- life ----

    def start(self, wait="ready", arguments=()):
        """Starts registryd. `wait`: "ready" (/readyz says 200), "listening" (its port is known),
        or None. Returns the seconds it took."""
        assert self.process is None or self.process.poll() is not None, "it runs already"
        begin = time.monotonic()
        self.address = None
        self._log_offset = self._log_path.stat().st_size if self._log_path.exists() else 0
        with open(self._log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(), start_new_session=True)
        if wait:
            self._wait_for(self._find_address, "say where it listens")
        if wait == "ready":
            self.wait_ready()
        return time.monotonic() - begin

    def command(self, arguments=()):
        return [str(self.program), "--data-dir", str(self.data_dir), "--listen", "127.0.0.1:0",
                *self.arguments, *arguments]

    def wait_ready(self, seconds=START_SECONDS):
        self._wait_for(self.is_ready, "be ready", seconds)

    def is_ready(self):
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def kill(self, number=signal.SIGKILL):
        """Sends a signal to registryd alone and waits for its end. The private postmaster stays."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def stop(self):
        """SIGTERM; waits for the end of registryd and of its postmaster. The exit code."""
        return self.kill(signal.SIGTERM)

    def close(self):
        """Ends everything and removes what was temporary. May be called again."""
        if self._guard is None:
            return
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._guard.communicate()
        self._guard = None
        log = self._log_path.read_bytes() if self._log_path.exists() else b""
        shutil.rmtree(self.home, ignore_errors=True)
        atexit.unregister(self.close)
        assert not TOKEN.search(log), f"a token is in the log: {TOKEN.search(log)}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- what it is ----

    @property
    def url(self):
        return f"http://{self.address}"

    @property
    def admin_token(self):
        """Written by the first start on a database."""
        return self._admin_token or (self.data_dir / "admin.token").read_text().strip()

    @admin_token.setter
    def admin_token(self, token):
        self._admin_token = token

    @property
    def publisher_token(self):
        """Of somebody who may do everything but administer; made when first asked for. The
        administrator's when none can be made: then nothing else works either."""
        if self._publisher_token is None:
            answer = self.post("/v1/tokens", PUBLISHER, token=self.admin_token)
            if answer.status != 201:
                return self.admin_token
            self._publisher_token = answer.json["token"]
        return self._publisher_token

    def log(self):
        """What registryd wrote since its last start."""
        with open(self._log_path, "rb") as log:
            log.seek(self._log_offset)
            return log.read().decode("utf-8", "replace")

    def postmaster_pid(self):
        """Of the private PostgreSQL, or None."""
        try:
            text = (self.data_dir / "postgres" / "postmaster.pid").read_text()
            pid = int(text.split("\n", 1)[0])
            # A zombie does not count: the first process of a container may never reap it.
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, ValueError, IndexError):
            return None
        return None if state == "Z" else pid

    # ---- HTTP ----

    def request(self, method, path, body=None, token=None, headers=None, timeout=30):
        """One request. `body`: bytes, or anything JSON can say. OSError when there is no answer."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
        except http.client.HTTPException as error:  # it died in the middle of its answer
            raise ConnectionError(repr(error)) from error

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def put(self, path, body, **options):
        """PUT as administrator, a release as publisher, unless `token` says otherwise."""
        if "token" not in options:
            options["token"] = self._token_for(path)
        return self.request("PUT", path, body, **options)

    def post(self, path, body, **options):
        """POST as administrator, a file as publisher, unless `token` says otherwise."""
        if "token" not in options:
            options["token"] = self._token_for(path)
        return self.request("POST", path, body, **options)

    # ---- inside ----

    def _token_for(self, path):
        is_publish = re.match(r"/v1/(artifacts\b|check\b|packages/[^/]+/releases/[^/]+$)", path)
        return self.publisher_token if is_publish else self.admin_token

    def _environment(self):
        """Nothing of the caller's REGISTRYD_ settings reaches the daemon under test."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("REGISTRYD_", "PG"))}
        # GCC's AddressSanitizer mistakes the end of some threads for a fault when it gives them a
        # signal stack.
        kept.setdefault("ASAN_OPTIONS", "use_sigaltstack=0")
        unbounded = {f"REGISTRYD_{name}": "0" for name in (
            "REQUESTS_PER_SECOND", "PUBLISHES_PER_MINUTE", "NEW_NAMES_PER_HOUR", "BAD_TOKENS")}
        # Whoever runs the tests may look into the private PostgreSQL as its owner.
        kept["REGISTRYD_OPERATOR"] = pwd.getpwuid(os.geteuid()).pw_name
        return {**kept, **unbounded, "REGISTRYD_LINGER_SECONDS": "10", "REGISTRYD_THREADS": "64",
                **self.environment}

    def _find_address(self):
        found = re.search(r'event"?[=:]"?listening"?[ ,]"?address"?[=:]"?([\d.:]+)', self.log())
        self.address = found and found[1]
        return self.address

    def _wait_for(self, condition, what, seconds=START_SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            code = self.process.poll()
            if code is not None:
                raise AssertionError(f"registryd ended with {code} and did not {what}:\n{self.log()}")
            if time.monotonic() > end:
                raise AssertionError(f"registryd did not {what} in {seconds} s:\n{self.log()}")
            time.sleep(0.02)


# ---- the guard ----

def processes_on(data_dir):
    """{pid: program} of everything started with a path in `data_dir` on its command line."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        program = os.path.basename(words[0])
        if program in ("registryd", "postgres") and any(
                word == data_dir or word.startswith(data_dir + "/") for word in words[1:]):
            found[int(entry.name)] = program
    return found


def sweep(data_dir):
    """Ends what runs on a data directory: registryd and its supervisor by SIGTERM, which end the
    postmaster with them; a postmaster left alone by SIGQUIT; what is left after that by force."""
    for attempt in range(300):
        found = processes_on(data_dir)
        if not found:
            return
        own = [pid for pid, program in found.items() if program == "registryd"]
        number = signal.SIGTERM if own else signal.SIGQUIT
        if attempt >= 200:
            number = signal.SIGKILL
        for pid in own or found:
            try:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, number)
            except OSError:
                pass
        time.sleep(0.1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.buffer.read()  # until the test run closes it, or dies
    sweep(sys.argv[1])
