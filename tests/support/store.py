# SPDX-License-Identifier: MIT
"""The store through build/tests/store_probe, and releases to put into it."""
import hashlib
import json
import os
import pathlib
import subprocess


class Probe:
    """One process with a store of its own, as a daemon would have it."""

    def __init__(self, conninfo, timeout_ms=5000, pass_fds=()):
        program = pathlib.Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests" / "store_probe"
        self.process = subprocess.Popen([program, conninfo, str(timeout_ms)], text=True, bufsize=1,
                                        pass_fds=pass_fds, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        code = self.process.wait(timeout=60)
        assert code == 0, f"store_probe ended with {code}"

    def send(self, call, **arguments):
        """Begins a call whose answer `receive` waits for."""
        self.process.stdin.write(json.dumps({"call": call, **arguments}) + "\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def call(self, call, **arguments):
        """The answer, whatever its status."""
        self.send(call, **arguments)
        return self.receive()

    def ok(self, call, **arguments):
        """The answer of a call that must succeed."""
        answer = self.call(call, **arguments)
        assert answer["status"] == "ok", answer
        return answer

    def together(self, calls, threads=8):
        """Publishes on several threads at once; the outcomes in the order of the calls."""
        return self.ok("publish_together", calls=calls, threads=threads)["outcomes"]


def key_of(version):
    """An order-preserving key for the plain versions used here: 1.0 and 1.0.0 are one."""
    final, _, pre = version.partition("rc")
    numbers = [int(part) for part in final.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    parts = [*(number + 1 for number in numbers), 0, int(pre) if pre else 255]
    return b"".join(part.to_bytes(2, "big") for part in parts).hex()


def release(name, version, entries=(), **more):
    """The arguments of `publish`. entries: [group, name, value] or [..., manifest]."""
    fields = {"name": name, "version": version, "entries": [list(entry) for entry in entries],
              "summary": more.get("summary")}
    document = json.dumps(fields, sort_keys=True)
    return {"key": key_of(version), "prerelease": "rc" in version, "document": document,
            "digest": hashlib.sha256(document.encode()).hexdigest(), **fields, **more}
