# SPDX-License-Identifier: MIT
"""Running registryctl: as a program reads it (pipes) and as a person sees it (a terminal)."""

import dataclasses
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

SOURCE_DIR = Path(os.environ.get("REGISTRYD_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD_DIR = Path(os.environ.get("REGISTRYD_BUILD_DIR", SOURCE_DIR / "build"))
PROGRAM = BUILD_DIR / "bin" / "registryctl"
NOWHERE = "http://127.0.0.1:9"  # nobody listens on discard
TIMEOUT_SECONDS = 60
TEXT_COMMANDS = {"entry-points", "requirements", "export", "help"}


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def environment(**settings):
    """The environment without anything of ours from outside; `settings` on top."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("REGISTRYD_")}
    for name in ("NO_COLOR", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        clean.pop(name, None)
    clean["XDG_CONFIG_HOME"] = "/nonexistent"  # no configuration file of the person who runs the tests
    clean.pop("COLUMNS", None)
    clean["REGISTRYD_URL"] = NOWHERE
    clean["TERM"] = "xterm"
    return {**clean, **settings}


def registryctl(*arguments, cwd=None, **settings):
    """Runs it as a program does: in pipes, and with JSON unless `arguments` name another format or the command
    writes a text for a file."""
    words = [str(word) for word in arguments]
    named = any(word.split("=")[0] == "--format" or word in TEXT_COMMANDS for word in words)
    return in_pipe(*([] if named else ["--format", "json"]), *words, cwd=cwd, **settings)


def in_pipe(*arguments, cwd=None, **settings):
    """Runs it in pipes, with these words alone."""
    done = subprocess.run(
        [str(PROGRAM), *map(str, arguments)], cwd=cwd, env=environment(**settings), text=True,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def on_terminal(*arguments, columns=80, **settings):
    """Runs it on a terminal of that width; what it shows, both streams together."""
    return command_on_terminal([str(PROGRAM), *map(str, arguments)], columns, **settings)


def command_on_terminal(command, columns=80, cwd=None, **settings):
    """The same for any program."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        command, cwd=cwd, env=environment(**settings),
        stdin=slave, stdout=slave, stderr=slave, close_fds=True)
    os.close(slave)
    shown = bytearray()
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(master)
    code = process.wait(TIMEOUT_SECONDS)
    return Result(code, shown.decode().replace("\r\n", "\n"), "")
