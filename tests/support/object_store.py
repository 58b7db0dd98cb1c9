# SPDX-License-Identifier: MIT
"""An object store for tests: s3rver on a free port, with its objects as files in a temporary folder.

    with ObjectStore() as store, Daemon(arguments=store.arguments(), environment=store.environment) as daemon:
        ...
        store.objects()      # {key: bytes}
        store.requests()     # how many it has answered
        store.stop(), store.start()

With REGISTRYD_TEST_FILES=objects every daemon of the tests keeps its files in one.
"""

import atexit
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

SOURCE_DIR = pathlib.Path(os.environ.get("REGISTRYD_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = SOURCE_DIR / "build-npm" / "node_modules" / "s3rver" / "bin" / "s3rver.js"
BUCKET = "plugins"
START_SECONDS = 30
ENDING = "._S3rver_object"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ObjectStore:
    environment = {"AWS_ACCESS_KEY_ID": "S3RVER", "AWS_SECRET_ACCESS_KEY": "S3RVER"}
    prefixes = itertools.count(1)

    def __init__(self, *options):
        """`options` of s3rver: with --key and --cert it speaks TLS."""
        self.options = options
        assert PROGRAM.exists(), "s3rver is not installed: `./dev setup test` does that"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="s3-test-"))
        self.port = free_port()
        self.process = None
        atexit.register(self.close)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def endpoint(self):
        scheme = "https" if self.options else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def arguments(self, prefix=None, endpoint=None):
        """The settings of a daemon, with a prefix of its own unless one is given."""
        prefix = prefix or f"registry{next(self.prefixes)}"
        return ["--files", f"s3://{BUCKET}/{prefix}", "--files-endpoint", endpoint or self.endpoint, "--files-path-style"]

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["node", PROGRAM, "-d", self.folder / "data", "-a", "127.0.0.1", "-p", str(self.port),
                 "--configure-bucket", BUCKET, *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert time.monotonic() < end and self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.02)

    def stop(self):
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def away(self):
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def hanging(self):
        """It takes connections and never answers."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process:
            self.stop()
            self.process = None
            atexit.unregister(self.close)
            shutil.rmtree(self.folder, ignore_errors=True)

    def objects(self):
        """{key: bytes} of what the bucket holds."""
        root = self.folder / "data" / BUCKET
        return {str(path.relative_to(root))[:-len(ENDING)]: path.read_bytes() for path in root.rglob("*" + ENDING)}

    def requests(self):
        """How many requests it has answered since the first start."""
        return len(re.findall(rb" \d{3} \d+ms ", (self.folder / "log").read_bytes()))


class Gate:
    """Between a daemon and its object store: `delay` seconds before each piece of a request goes on, or those of `delays`,
    once each; and after `cut` bytes of an answer the connection ends (once)."""

    def __init__(self, port):
        self.port, self.delay, self.delays, self.cut = port, 0, [], None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                threading.Thread(target=self.forward, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self.forward, args=(server, client, False), daemon=True).start()

    def forward(self, source, target, is_request):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if is_request:
                    time.sleep(self.delays.pop() if self.delays else self.delay)
                elif self.cut is not None and len(piece) > self.cut:
                    target.sendall(piece[:self.cut])
                    self.cut = None
                    break
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self.listener.close()


shared_store = None


def shared():
    """The one of this test run, when every daemon is to have one; else None."""
    global shared_store
    if os.environ.get("REGISTRYD_TEST_FILES") != "objects":
        return None
    shared_store = shared_store or ObjectStore()
    return shared_store
