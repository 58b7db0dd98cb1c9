# SPDX-License-Identifier: MIT
"""`cmake --install`: one consistent tree, whose parts find each other wherever it lies, and a host in C that builds
against it by pkg-config and by CMake's find_package."""

import re
import shutil
import subprocess

import pytest
from support.c_program import sanitizer_options
from support.daemon import Daemon
from support.registryctl import BUILD_DIR, NOWHERE, SOURCE_DIR, environment

EXAMPLE = SOURCE_DIR / "docs" / "examples" / "c"
COMPONENTS = ("registryd", "registryctl", "library", "development", "python")
GROUP = "honeyframe.plugins"


def run(*command, **settings):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed") / "moved"
    folder.parent.chmod(0o755)
    run("cmake", "--install", BUILD_DIR, "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A snapshot of the example plugins, of which one is broken."""
    path = tmp_path_factory.mktemp("snapshot") / "plugins.snapshot"
    plugins = SOURCE_DIR / "docs" / "examples" / "install" / "plugins"
    run(BUILD_DIR / "bin" / "registryctl", "snapshot", "build", path, f"install={plugins}", env=environment())
    return path


def test_the_tree(prefix):
    found = files_of(prefix)
    assert {"bin/registryd", "bin/registryctl", "libexec/registryd/registryd-extract", "lib/libregistryclient.so",
            "lib/libregistryclient.so.0", "lib/libregistryclient-full.so.0", "include/registryclient.h",
            "lib/pkgconfig/registryclient.pc", "lib/cmake/registryclient/registryclient-config.cmake",
            "share/man/man1/registryctl.1", "share/man/man8/registryd.8", "lib/systemd/system/registryd.service",
            "lib/sysusers.d/registryd.conf", "lib/tmpfiles.d/registryd.conf", "etc/registryd/registryd.yaml",
            "share/bash-completion/completions/registryctl", "share/zsh/vendor-completions/_registryctl",
            "share/fish/vendor_completions.d/registryctl.fish", "share/man/man5/registryd.yaml.5",
            "share/man/man3/registry_find.3"} <= found  # fmt: skip
    assert {path.split("/")[0] for path in found} == {"bin", "etc", "include", "lib", "libexec", "share"}


def test_the_installed_completion_completes(prefix):
    """The commands of registryctl, in bash."""
    script = f"source {prefix}/share/bash-completion/completions/registryctl; complete -p registryctl"
    assert "registryctl" in run("bash", "-c", script)


def test_every_file_belongs_to_one_component(prefix, tmp_path):
    parts = {}
    for component in COMPONENTS:
        run("cmake", "--install", BUILD_DIR, "--component", component, "--prefix", tmp_path / component)
        parts[component] = files_of(tmp_path / component)
    assert set().union(*parts.values()) == files_of(prefix)
    assert sum(map(len, parts.values())) == len(files_of(prefix))


def test_the_system_gets_its_own_folders(tmp_path):
    """Under /usr, settings are in /etc, and the unit and the list of folders name them there."""
    run("cmake", "--install", BUILD_DIR, "--component", "registryd", "--prefix", "/usr", env=environment(DESTDIR=tmp_path))
    assert (tmp_path / "etc/registryd/registryd.yaml").is_file()
    unit = (tmp_path / "usr/lib/systemd/system/registryd.service").read_text()
    assert re.search(r"^ExecStart=/usr/bin/registryd --config /etc/registryd/registryd.yaml ", unit, re.M)
    assert "@" not in re.sub(r"@(system-service|privileged)", "", unit)
    assert "/etc/registryd/registryd.yaml 0640 root registryd" in (tmp_path / "usr/lib/tmpfiles.d/registryd.conf").read_text()


def test_the_unit_starts_what_was_installed(prefix):
    unit = (prefix / "lib/systemd/system/registryd.service").read_text()
    program, config = re.search(r"^ExecStart=(.+?) --config (.+?) --data-dir", unit, re.M).groups()
    assert program == str(prefix / "bin/registryd")
    assert config == str(prefix / "etc/registryd/registryd.yaml")
    printed = run(program, "--config", config, "--data-dir", "/x", "--print-config", env=environment())
    assert re.search(rf"^# config: .*{re.escape(config)}", printed, re.M), printed


def test_the_installed_settings_are_valid_when_uncommented(prefix, tmp_path):
    """Each commented line is a setting that exists, with a value that registryd accepts."""
    shipped = (prefix / "etc/registryd/registryd.yaml").read_text()
    assert not re.search(r"^[^#\n]", shipped, re.M)
    lines = [line[1:] for line in shipped.splitlines() if re.match(r"#[a-z]", line)]
    assert len(lines) >= 8
    (tmp_path / "all.yaml").write_text("\n".join(lines))
    printed = run(prefix / "bin/registryd", "--config", tmp_path / "all.yaml", "--print-config", env=environment())
    assert all(line.split(":")[0] in printed for line in lines)


def test_the_installed_registryd_reads_uploads(prefix, tmp_path):
    """It finds its helper in libexec, not beside itself."""
    assert not (prefix / "bin/registryd-extract").exists()
    with Daemon(program=prefix / "bin/registryd") as daemon:
        plugin = SOURCE_DIR / "docs" / "examples" / "install" / "plugins" / "finance"
        said = run(prefix / "bin/registryctl", "--url", daemon.url, "publish", plugin, "--format", "json",
                   env=environment(REGISTRYD_TOKEN=daemon.publisher_token))  # fmt: skip
        assert '"finance"' in said
        assert b"finance-1.2.0-py3-none-any.whl" in daemon.get("/simple/finance/").body


def test_without_its_helper_registryd_says_where_it_looked(prefix, tmp_path):
    shutil.copy(prefix / "bin/registryd", tmp_path / "registryd")
    done = subprocess.run([tmp_path / "registryd", "--data-dir", tmp_path / "data"], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 5 and "libexec/registryd/registryd-extract" in done.stderr, done.stderr


def test_the_python_package_is_whole(prefix):
    (package,) = prefix.rglob("registryclient/__init__.py")
    built = files_of(BUILD_DIR / "python" / "registryclient")
    installed = files_of(package.parent)
    assert installed == {path for path in built if "__pycache__" not in path}
    assert (package.parent.parent / "registryclient-0.1.0.dist-info" / "METADATA").is_file()


def answer_of(program, prefix, snapshot):
    settings = environment(LD_LIBRARY_PATH=str(prefix / "lib"), REGISTRYD_SNAPSHOT=str(snapshot), REGISTRYD_URL=NOWHERE)
    return run(program, GROUP, env=settings).splitlines()


EXPECTED = ["_demo plugins._demo:manifest 0.1.0", "crm plugins.crm:manifest 0.3.0", "finance plugins.finance:manifest 1.2.0"]


def test_a_host_builds_with_pkg_config(prefix, snapshot, tmp_path):
    work = shutil.copytree(EXAMPLE, tmp_path / "c")
    flags = " ".join(["-Werror", *sanitizer_options()])
    run("make", "-C", work, env=environment(CFLAGS=flags, PKG_CONFIG_PATH=str(prefix / "lib/pkgconfig")))
    assert answer_of(work / "host", prefix, snapshot) == EXPECTED


def test_a_host_builds_with_cmake(prefix, snapshot, tmp_path):
    work = tmp_path / "build"
    flags = " ".join(["-Werror", *sanitizer_options()])
    run("cmake", "-S", EXAMPLE, "-B", work, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_C_FLAGS={flags}")
    run("cmake", "--build", work)
    assert answer_of(work / "host", prefix, snapshot) == EXPECTED


def test_the_page_shows_the_example():
    assert (EXAMPLE / "host.c").read_text() in (SOURCE_DIR / "docs" / "C.md").read_text()
