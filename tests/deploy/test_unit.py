# SPDX-License-Identifier: MIT
"""The installed unit: systemd accepts it, and registryd with its private PostgreSQL and its reader of uploads lives
under its restrictions."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import pytest
from support.notify import Supervisor
from support.registryctl import BUILD_DIR, SOURCE_DIR, environment

SANDBOX = SOURCE_DIR / "tests" / "support" / "unit_sandbox.py"
MOST_EXPOSURE = 1.6  # of 10; what is left is the network and the users of the machine

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can confine a process as a unit is")


def run(*command, **settings):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **settings)


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def prefix():
    """Not below pytest's own folder, which other users may not enter."""
    with tempfile.TemporaryDirectory(prefix="registryd-unit-") as home:
        pathlib.Path(home).chmod(0o755)
        done = run("cmake", "--install", BUILD_DIR, "--component", "registryd", "--prefix", f"{home}/prefix")
        assert done.returncode == 0, done.stderr
        yield pathlib.Path(home) / "prefix"


@pytest.fixture(scope="module")
def unit(prefix):
    return prefix / "lib/systemd/system/registryd.service"


@needs_systemd
def test_systemd_accepts_the_unit(unit, tmp_path):
    done = run("systemd-analyze", "verify", "--man=no", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    broken = tmp_path / "registryd.service"
    broken.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSytem=strict"))
    assert "ProtectSytem" in run("systemd-analyze", "verify", "--man=no", broken).stderr


@needs_systemd
def test_the_unit_is_hardly_exposed(unit):
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)[1])
    assert exposure <= MOST_EXPOSURE, done.stdout


def test_a_start_waits_for_no_signs_of_life_it_cannot_get(unit):
    """The interval is far above the longest time that /healthz takes under load."""
    text = unit.read_text()
    assert "Type=notify\n" in text and int(re.search(r"WatchdogSec=(\d+)", text)[1]) >= 30


FORBIDDEN = """
import ctypes, mmap, os, socket, sys
def refused(call):
    try:
        call()
    except (OSError, ValueError) as problem:
        return type(problem).__name__
    return "allowed"
libc = ctypes.CDLL(None, use_errno=True)
def checked(code):
    if code < 0:
        raise OSError(ctypes.get_errno(), "")
print({"write": refused(lambda: open("/etc/registryd-test", "w")),
       "state": refused(lambda: open("/var/lib/registryd/x", "w").close()),
       "packet": refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
       "inet": refused(lambda: socket.socket(socket.AF_INET).close()),
       "unshare": refused(lambda: checked(libc.unshare(0x10000000))),
       "ptrace": refused(lambda: checked(libc.ptrace(16, os.getppid(), 0, 0))),
       "chown": refused(lambda: os.chown("/var/lib/registryd/x", 0, 0)),
       "wx": refused(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
       "wr": refused(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE).close())})
"""


@needs_systemd
@needs_root
def test_the_stand_in_for_systemd_refuses(unit):
    """Else the next test would show nothing."""
    done = run(sys.executable, SANDBOX, unit, "/usr/bin/python3", "-c", FORBIDDEN)
    assert done.returncode == 0, done.stderr
    found = eval(done.stdout)
    assert {name for name, said in found.items() if said == "allowed"} == {"state", "inet", "wr"}, found


@needs_systemd
@needs_root
def test_registryd_lives_under_the_unit(prefix, unit):
    port = free_port()
    (prefix / "etc/registryd/registryd.yaml").write_text(f"listen: 127.0.0.1:{port}\nthreads: 64\n")
    supervisor = Supervisor(f"@registryd-unit-{os.getpid()}")
    settings = environment(NOTIFY_SOCKET=supervisor.address, WATCHDOG_USEC="3000000",
                           ASAN_OPTIONS="detect_leaks=0:use_sigaltstack=0")  # a look for leaks needs ptrace
    with open(prefix / "log", "w") as log:
        process = subprocess.Popen([sys.executable, SANDBOX, unit], env=settings, stdout=log, stderr=log)
    try:
        try:
            supervisor.wait_for("READY=1", process=process)
        except AssertionError as problem:
            raise AssertionError((prefix / "log").read_text()) from problem
        inside = pathlib.Path(f"/proc/{process.pid}/root") / "var/lib/registryd"
        token = (inside / "admin.token").read_text().strip()
        url = f"http://127.0.0.1:{port}"
        control = BUILD_DIR / "bin" / "registryctl"
        made = run(control, "token", "create", "me", "--grant", "--format", "token",
                   env=environment(REGISTRYD_URL=url, REGISTRYD_TOKEN=token))  # fmt: skip
        assert made.returncode == 0, made.stderr
        plugin = SOURCE_DIR / "docs" / "examples" / "install" / "plugins" / "finance"
        said = run(control, "publish", plugin, "--format", "json",
                   env=environment(REGISTRYD_URL=url, REGISTRYD_TOKEN=made.stdout.strip()))  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr
        with urllib.request.urlopen(f"{url}/simple/finance/") as page:
            assert b"finance-1.2.0-py3-none-any.whl" in page.read()
        supervisor.wait_for("WATCHDOG=1", 10)
    finally:
        begin = time.monotonic()
        process.terminate()
        code = process.wait(60)
        supervisor.close()
    assert code == 0 and time.monotonic() - begin < 30, (prefix / "log").read_text()
    assert "crashed" not in (prefix / "log").read_text()
