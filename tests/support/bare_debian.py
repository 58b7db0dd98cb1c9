# SPDX-License-Identifier: MIT
"""A Debian 12 with nothing in it but what every Debian has, in a folder, made by debootstrap. The first one is kept as
an archive in a cache below the folder for temporary files, with the packages that apt downloads."""

import fcntl
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
CACHE = pathlib.Path(tempfile.gettempdir()) / f"registryd-test-cache-{os.getuid()}"
MOST_AGE_SECONDS = 7 * 86400


def reason_to_skip():
    """Why there can be no bare Debian here; None when there can."""
    if os.geteuid() != 0:
        return "only root can make a Debian in a folder"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed: ./dev setup all"
    try:
        urllib.request.urlopen(f"{MIRROR}/dists/bookworm/Release", timeout=20).close()
    except OSError as problem:
        return f"no mirror of Debian at {MIRROR}: {problem}"
    return None


def usual_port():
    """registryd's own when it is free, else another one: a Debian in a folder has the network of this machine."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", 7621))
        except OSError:
            listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def make_archive():
    """By one process at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_archive_alone()


def make_archive_alone():
    archive = CACHE / "bookworm.tar"
    if archive.exists() and time.time() - archive.stat().st_mtime < MOST_AGE_SECONDS:
        return archive
    (CACHE / "archives").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        root = pathlib.Path(folder) / "root"
        for command in (["debootstrap", "--variant=minbase", "bookworm", root, MIRROR],
                        ["tar", "-C", root, "-cf", archive.with_suffix(".new"), "."]):  # fmt: skip
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    archive.with_suffix(".new").rename(archive)
    return archive


class BareDebian:
    """Used with `with`: the folder is gone afterwards."""

    def __init__(self):
        archive = make_archive()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="registryd-debian-"))
        self.home.chmod(0o755)
        self.root = self.home / "root"
        self.root.mkdir()
        subprocess.run(["tar", "-C", self.root, "-xf", archive], check=True)
        self.archives = self.root / "var/cache/apt/archives"
        for kept in (CACHE / "archives").glob("*.deb"):
            (self.archives / kept.name).unlink(missing_ok=True)  # one of debootstrap's own
            os.link(kept, self.archives / kept.name)
        # Nothing that is installed starts a service of its own: the network is that of this machine.
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)

    def write(self, path, text, mode=0o644):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def command(self, *words):
        """The words of a command, as run inside, with a /proc and devices that end with it."""
        inside = 'mount -t proc proc $0/proc && mount --bind /dev $0/dev && exec chroot $0 "$@"'
        return ["unshare", "--mount", "sh", "-c", inside, str(self.root), *map(str, words)]

    def run(self, *words, check=True, **settings):
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                       "HOME": "/tmp", "DEBIAN_FRONTEND": "noninteractive", **settings}
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False, env=environment)
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done

    def install_files(self, packages, *names):
        """Installs these files with apt, and what they need and recommend."""
        shutil.rmtree(self.root / "packages", ignore_errors=True)
        shutil.copytree(packages, self.root / "packages")
        found = [f"/packages/{path.name}" for path in sorted((self.root / "packages").glob("*.deb"))
                 if not names or path.name.split("_")[0] in names]
        assert found, packages
        return self.run("apt-get", "install", "-y", "-q", "--allow-downgrades", *found)

    def close(self):
        """Keeps what apt has downloaded for the next one."""
        for new in self.archives.glob("*.deb"):
            if not (CACHE / "archives" / new.name).exists():
                shutil.copy2(new, CACHE / "archives" / f"{new.name}.{os.getpid()}")
                os.replace(CACHE / "archives" / f"{new.name}.{os.getpid()}", CACHE / "archives" / new.name)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
