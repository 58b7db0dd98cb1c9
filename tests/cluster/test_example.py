# SPDX-License-Identifier: MIT
"""docs/examples/cluster: up within a minute, serves over a change of the primary, and leaves nothing behind."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from support.daemon import PROGRAM, SOURCE_DIR

EXAMPLE = SOURCE_DIR / "docs" / "examples" / "cluster"
UP_SECONDS = 60
ENVIRONMENT = {**os.environ, "REGISTRYD_PROGRAM": str(PROGRAM), "ASAN_OPTIONS": "use_sigaltstack=0"}


def run(*arguments, **options):
    return subprocess.Popen([sys.executable, EXAMPLE / "cluster.py", *arguments], stdout=subprocess.PIPE, text=True,
                            env=ENVIRONMENT, **options)


def mentions(folder):
    """The processes whose command line or working files are in a folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if folder.encode() in words:
            found.append(words.replace(b"\0", b" ").decode())
    return found


def test_it_is_up_within_a_minute_and_survives_a_change_of_the_primary():
    script = run("--try")
    out, _ = script.communicate(timeout=300)
    assert script.returncode == 0, out
    assert float(re.search(r"^up after ([\d.]+) s", out)[1]) <= UP_SECONDS, out
    assert "published: 201" in out and "resolved: 200 ['2.0']" in out
    folder = re.search(r"^logs: (\S+)$", out, re.M)[1]
    assert not pathlib.Path(folder).exists()
    assert not mentions(folder)


def test_a_signal_ends_all_of_it():
    script = run("--asynchronous")
    out = [script.stdout.readline() for _ in range(3)]
    folder = re.search(r"^logs: (\S+)$", out[2])[1]
    assert {"etcd", "patroni", "pgbouncer", "registryd", "haproxy"} <= {
        name for name in ("etcd", "patroni", "pgbouncer", "registryd", "haproxy")
        if any(name in line for line in mentions(folder))}
    script.send_signal(signal.SIGTERM)
    assert script.wait(120) == 0
    deadline = time.monotonic() + 10
    while mentions(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not mentions(folder) and not pathlib.Path(folder).exists()
