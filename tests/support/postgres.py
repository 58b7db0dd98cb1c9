# SPDX-License-Identifier: MIT
"""A throw-away PostgreSQL for tests: its own cluster in a short temporary folder, on a unix socket
only, stopped and removed at the end. As root it runs as the user `postgres`.

    with Cluster() as cluster:
        conninfo = cluster.create_database()
        cluster.sql(conninfo, "SELECT 1")
"""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


def find_programs():
    """The folder of the newest PostgreSQL's programs."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                     key=lambda path: int(path.parts[-3]))
    if folders:
        return folders[-1].parent
    initdb = shutil.which("initdb")
    if not initdb:
        raise RuntimeError("PostgreSQL is not installed: `./dev setup` does that")
    return pathlib.Path(initdb).parent


PROGRAMS = find_programs()

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "listen_addresses": "''",
    "unix_socket_permissions": "0777",
    "shared_buffers": "'32MB'",
    "max_connections": "60",
    "jit": "off",
    "log_min_messages": "warning",
}


def wait_until(condition, seconds=20):
    """Returns as soon as the condition holds; an error when it does not come to hold."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to be in time"
        time.sleep(0.02)


def children(pid):
    """The processes whose parent is `pid`."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def is_running(pid):
    """Whether a process exists and is more than a zombie."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


class Cluster:
    """A PostgreSQL server; `settings` go over SETTINGS."""

    def __init__(self, **settings):
        self.settings = {**SETTINGS, **settings}
        self.folder = None
        self.count = 0

    def __enter__(self):
        # Short: a socket's path has room for 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        try:
            self.folder.chmod(0o755)
            if os.geteuid() == 0:
                owner = pwd.getpwnam("postgres")
                os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.make()
            lines = [f"{key} = {value}\n" for key, value in self.settings.items()]
            lines.append(f"unix_socket_directories = '{self.folder}'\n")
            with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
                file.writelines(lines)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if (self.data / "postmaster.pid").exists() and is_running(self.pid()):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self):
        """The files of the server."""
        self.run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                 "--locale=C", "-D", self.data)

    @property
    def data(self):
        return self.folder / "data"

    @property
    def log(self):
        return self.folder / "log"

    def command(self, program, *arguments):
        """The command line of one of PostgreSQL's programs, as the right user."""
        line = [str(PROGRAMS / program), *map(str, arguments)]
        if os.geteuid() == 0:
            line = ["runuser", "-u", "postgres", "--", *line]
        return line

    def run(self, program, *arguments, **options):
        done = subprocess.run(self.command(program, *arguments), capture_output=True, text=True,
                              cwd="/", check=False, **options)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        lock = self.data / "postmaster.pid"
        if lock.exists() and not is_running(self.pid()):
            # A killed server that nobody has reaped still counts as running for PostgreSQL.
            lock.unlink()
            (self.folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        # Its output goes to the log, or the pipes of run() would stay open as long as the server.
        done = subprocess.run(
            self.command("pg_ctl", "-D", self.data, "-l", self.log, "-w", "start"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(f"PostgreSQL does not start: {self.log.read_text()[-2000:]}")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def pid(self):
        return int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def kill(self):
        """kill -9 of the server, as a crash does it, and waits for its processes; start() recovers."""
        pid = self.pid()
        family = [pid, *children(pid)]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_running, family)))

    def create_database(self):
        """A new, empty database; its connection string."""
        self.count += 1
        name = f"test{self.count}"
        self.sql(self.conninfo("postgres"), f"CREATE DATABASE {name}")
        return self.conninfo(name)

    def conninfo(self, database):
        return f"host={self.folder} user=postgres dbname={database}"

    def sql(self, conninfo, text):
        """Runs statements; the rows as lists of texts."""
        output = self.run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-F", "\x1f",
                          "-d", conninfo, input=text)
        return [line.split("\x1f") for line in output.splitlines()]

    def script(self, conninfo, path):
        """Runs a file of statements."""
        return self.sql(conninfo, pathlib.Path(path).read_text(encoding="utf-8"))

    def dump_schema(self, conninfo):
        """The schema as pg_dump tells it, without what differs from run to run."""
        text = self.run("pg_dump", "--schema-only", "--no-owner", "--no-privileges", "-d", conninfo)
        drop = ("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict")
        lines = [line for line in text.splitlines() if not line.startswith(drop)]
        kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
        return "\n".join(kept).strip() + "\n"
