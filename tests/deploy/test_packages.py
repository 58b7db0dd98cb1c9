# SPDX-License-Identifier: MIT
"""The Debian packages in a bare Debian, in the order of their life: install, run, upgrade, remove, purge.

What is upgraded: packages made of the commit in REGISTRYD_PREVIOUS, or, where that commit had none, its programs with
the data directory that they make; without the variable, the same packages under an earlier version."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import pytest
from support.bare_debian import BareDebian, reason_to_skip, usual_port
from support.notify import Supervisor
from support.registryctl import SOURCE_DIR

SANDBOX = SOURCE_DIR / "tests" / "support" / "unit_sandbox.py"
EXAMPLES = SOURCE_DIR / "docs" / "examples"
UNIT = "usr/lib/systemd/system/registryd.service"
PORT = usual_port()
URL = f"http://127.0.0.1:{PORT}"
GROUP = "honeyframe.plugins"
NAMES = {"registryd", "registryctl", "libregistryclient0", "libregistryclient-dev", "python3-registryclient"}
PREVIOUS = os.environ.get("REGISTRYD_PREVIOUS")

reason = reason_to_skip()
pytestmark = pytest.mark.skipif(reason is not None, reason=str(reason))


def build(out, source=SOURCE_DIR, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRYD_")}
    done = subprocess.run([source / "dev", "package", out, "deb"], capture_output=True, text=True, check=False,
                          env={**environment, **settings})  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return pathlib.Path(out)


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    return build(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def previous(tmp_path_factory, packages):
    """A folder with the packages to upgrade from; or with the programs of a commit that had no packages."""
    out = tmp_path_factory.mktemp("previous")
    if not PREVIOUS:
        build(out, PACKAGE_RELEASE="1~previous")
        return out
    tree = out / "tree"
    subprocess.run(["git", "-C", SOURCE_DIR, "worktree", "add", "--detach", tree, PREVIOUS], check=True)
    try:
        if (tree / "cmake/deploy/debian").exists() or (tree / "deploy/debian").exists():
            return build(out / "packages", tree, PACKAGE_RELEASE="1~previous")
        subprocess.run(["cmake", "--preset", "release", "-D", "REGISTRYD_TESTS=OFF"], cwd=tree, check=True)
        subprocess.run(["cmake", "--build", "build", "--target", "registryd", "registryd-extract"], cwd=tree, check=True)
        shutil.copytree(tree / "build/bin", out / "bin")
    finally:
        subprocess.run(["git", "-C", SOURCE_DIR, "worktree", "remove", "--force", tree], check=False)
    return out


@pytest.fixture(scope="module")
def debian(previous):
    with BareDebian() as found:
        # As docs/INSTALL.md says: no cluster of Debian's own beside the private one.
        found.write("etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n")
        found.run("apt-get", "update", "-q")
        shutil.copytree(EXAMPLES / "install", found.root / "srv/install")
        yield found


class Service:
    """registryd as the installed unit starts it, in the Debian of the folder."""

    def __init__(self, debian, *command):
        self.supervisor = Supervisor(f"@registryd-package-{os.getpid()}-{time.monotonic_ns()}")
        self.log = debian.home / "registryd.log"
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, SANDBOX, "--root", debian.root, debian.root / UNIT, *command], stdout=log, stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": self.supervisor.address, "WATCHDOG_USEC": "60000000"})  # fmt: skip

    def wait_ready(self):
        try:
            self.supervisor.wait_for("READY=1", process=self.process)
        except AssertionError as problem:
            raise AssertionError(self.log.read_text()) from problem

    def __enter__(self):
        self.wait_ready()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log.read_text()
        self.supervisor.close()


def get(path):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(URL + path, timeout=10) as answer:
        return answer.read().decode()


def control(debian, *words, token=None):
    return debian.run("registryctl", *words, REGISTRYD_TOKEN=token or "", REGISTRYD_URL=URL,
                      REGISTRYD_CACHE_DIR="/srv/cache").stdout


def admin_token(debian):
    return (debian.root / "var/lib/registryd/admin.token").read_text().strip()


def has_user(debian):
    return "registryd:" in (debian.root / "etc/passwd").read_text()


def mode_of(debian, path):
    state = (debian.root / path).stat()
    return oct(state.st_mode & 0o7777)[2:], debian.run("stat", "-c", "%U:%G", f"/{path}").stdout.strip()


def names_by_python(debian):
    program = f"import registryclient\nprint(*sorted(registryclient.entry_points(group='{GROUP}').names))"
    return debian.run("python3", "-c", program, REGISTRYD_CACHE_DIR="/srv/cache", REGISTRYD_URL=URL).stdout.split()


def names_by_c(debian):
    """The installed example, against the installed header and library. The compiler is this machine's."""
    root, example = debian.root, debian.root / "usr/share/doc/libregistryclient-dev/examples"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "registryclient"], capture_output=True, text=True, check=True,
        env={**os.environ, "PKG_CONFIG_LIBDIR": f"{root}/usr/lib/x86_64-linux-gnu/pkgconfig"}).stdout.split()  # fmt: skip
    subprocess.run(["gcc", "-Wall", "-Werror", example / "host.c", "-o", root / "usr/local/bin/host", *flags,
                    f"-Wl,-rpath-link,{root}/usr/lib/x86_64-linux-gnu"], check=True)  # fmt: skip
    said = debian.run("host", GROUP, REGISTRYD_CACHE_DIR="/srv/cache", REGISTRYD_URL=URL)
    assert said.stderr == ""
    return sorted(line.split()[0] for line in said.stdout.splitlines())


def test_five_packages(packages):
    found = {path.name.split("_")[0]: path for path in packages.glob("*.deb")}
    assert set(found) == NAMES
    for name, path in sorted(found.items()):
        print(f"{name}: {path.stat().st_size / 1024:.0f} KiB")
        facts = subprocess.run(["dpkg-deb", "-f", path], capture_output=True, text=True, check=True).stdout
        assert "Maintainer: " in facts and re.search(r"^Depends: ", facts, re.M)
        if name == "registryd":
            assert "Recommends: postgresql" in facts and "libpq5" in facts


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_lintian_finds_no_error(packages):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", *packages.glob("*.deb")],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith("E:")]


def publish(debian):
    token = control(debian, "token", "create", "me", "--grant", "--format", "token", token=admin_token(debian)).strip()
    control(debian, "publish", "/srv/install/plugins/_demo", "/srv/install/plugins/finance", token=token)


def test_install_run_and_ask(debian, previous, packages):
    """The previous packages, when there are any; else those of today, and the previous programs make the data."""
    begin = time.monotonic()
    has_packages = bool(list(previous.glob("*.deb")))
    debian.install_files(previous if has_packages else packages)
    installed = time.monotonic()
    assert has_user(debian)
    assert mode_of(debian, "etc/registryd") == ("750", "root:registryd")
    assert mode_of(debian, "etc/registryd/registryd.yaml") == ("640", "root:registryd")
    assert mode_of(debian, "var/lib/registryd") == ("700", "registryd:registryd")
    assert not list((debian.root / "var/lib/postgresql").glob("*/main"))  # no second cluster
    if PORT != 7621:
        debian.run("sh", "-c", f"echo 'listen: 127.0.0.1:{PORT}' >> /etc/registryd/registryd.yaml")
    command = []
    if not has_packages:
        shutil.copytree(previous / "bin", debian.root / "usr/local/lib/previous")
        command = ["/usr/local/lib/previous/registryd", "--data-dir", "/var/lib/registryd",
                   "--listen", f"127.0.0.1:{PORT}"]
    with Service(debian, *command) if has_packages else previous_service(debian, command):
        assert get("/healthz")
        print(f"installed in {installed - begin:.1f} s, the first answer {time.monotonic() - installed:.1f} s later")
        publish(debian)
        control(debian, "snapshot", "pull")
        assert names_by_c(debian) == ["_demo", "finance"]
        assert names_by_python(debian) == ["_demo", "finance"]
        assert "finance-1.2.0-py3-none-any.whl" in get("/simple/finance/")


class previous_service(Service):
    """Of programs that do not report READY yet."""

    def __init__(self, debian, command):
        super().__init__(debian, *command)

    def wait_ready(self):
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text()
            try:
                get("/readyz")
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())


def test_an_upgrade_keeps_data_and_settings(debian, packages):
    settings = debian.root / "etc/registryd/registryd.yaml"
    debian.run("sh", "-c", "echo 'threads: 128' >> /etc/registryd/registryd.yaml")
    with Service(debian) if not PREVIOUS else NothingRuns():
        debian.install_files(packages)
        # The running daemon serves on; where systemd runs, it is restarted.
        assert PREVIOUS or "finance" in get("/v1/packages/finance")
    assert "threads: 128" in settings.read_text()
    assert mode_of(debian, "etc/registryd/registryd.yaml") == ("640", "root:registryd")
    assert debian.run("dpkg-query", "-W", "-f", "${Version}", "registryd").stdout == "0.1.0-1"
    with Service(debian):
        assert "finance-1.2.0-py3-none-any.whl" in get("/simple/finance/")
        assert names_by_c(debian) == ["_demo", "finance"]


def test_going_back_by_a_dump(debian):
    """The commands of docs/INSTALL.md and docs/OPERATIONS.md, in the Debian of the packages: a dump, an empty cluster,
    the dump in it."""
    install = (SOURCE_DIR / "docs/INSTALL.md").read_text()
    (dump,) = re.findall(r"```\n(SOCKET=.*?pg_dump.*?)```", install, re.DOTALL)
    operations = (SOURCE_DIR / "docs/OPERATIONS.md").read_text()
    (restore,) = re.findall(r"^(SOCKET=[^\n]*\npg_restore .*?)systemctl restart", operations, re.DOTALL | re.MULTILINE)
    with Service(debian):
        debian.run("sh", "-ec", dump)
    debian.run("sh", "-ec", "mv /var/lib/registryd/postgres /var/lib/registryd/postgres.old")
    with Service(debian):
        assert "finance" not in get("/simple/")
        debian.run("sh", "-ec", f"cd / && {restore}")
    with Service(debian):
        assert "finance-1.2.0-py3-none-any.whl" in get("/simple/finance/")
        assert control(debian, "token", "list", "--format", "json", token=admin_token(debian))


class NothingRuns:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_removing_keeps_the_data(debian, packages):
    with Service(debian) as service:
        debian.run("apt-get", "remove", "-y", "-q", "registryd")
        assert service.process.wait(5) == 0  # the package's script has stopped it
    assert not (debian.root / "usr/bin/registryd").exists()
    assert (debian.root / "var/lib/registryd/postgres/PG_VERSION").exists()
    assert (debian.root / "etc/registryd/registryd.yaml").exists() and has_user(debian)
    debian.install_files(packages, "registryd")
    with Service(debian):
        assert "finance" in get("/v1/packages/finance")


def test_purging_leaves_nothing(debian):
    debian.run("apt-get", "purge", "-y", "-q", *sorted(NAMES))
    shutil.rmtree(debian.root / "packages")
    assert not has_user(debian)
    assert "registryd:" not in (debian.root / "etc/group").read_text()
    folders = [debian.root / name for name in ("etc", "usr", "var/lib", "run")]
    known = ("dpkg", "usr/local", "systemd/deb-systemd", "/doc/")
    left = [str(path) for folder in folders for path in folder.rglob("*registry*")
            if re.search("registry(d|ctl|client)", path.name) and not any(word in str(path) for word in known)]
    assert left == []
