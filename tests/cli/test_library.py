# SPDX-License-Identifier: MIT
"""The library as others meet it: installed, found with pkg-config, compiled against, run."""

import json
import os
import re
import subprocess

import pytest
from support.c_program import install_library, sanitizer_options
from support.fake_registry import FakeRegistry
from support.registryctl import BUILD_DIR, NOWHERE, SOURCE_DIR, environment

HEADER = SOURCE_DIR / "client" / "include" / "registryclient.h"
GOOD = SOURCE_DIR / "tests" / "trees" / "good" / "install"
GROUP = "honeyframe.plugins"


def run(*command, **settings):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, **settings).stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed") / "moved"
    install_library(folder)
    return folder


@pytest.fixture(scope="module")
def flags(prefix):
    (pc,) = prefix.rglob("registryclient.pc")
    settings = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
    return run("pkg-config", "--cflags", "--libs", "registryclient", env=settings).split()


@pytest.fixture(scope="module")
def host(prefix, flags):
    program = prefix / "host"
    source = SOURCE_DIR / "tests" / "data" / "client" / "host.c"
    run("gcc", "-Wall", "-Wextra", "-Werror", *sanitizer_options(), source, "-o", program, *flags)
    (library,) = prefix.rglob("libregistryclient.so")

    def call(root, url):
        settings = environment(LD_LIBRARY_PATH=str(library.parent))
        return run(program, root, url, GROUP, env=settings).splitlines()

    return call


def test_the_header_alone_is_enough(prefix):
    headers = [path.name for path in (prefix / "include").iterdir()]
    assert headers == ["registryclient.h"]
    for compiler, standard in (("gcc", "-std=c99"), ("g++", "-std=c++11")):
        run(compiler, standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only",
            prefix / "include" / "registryclient.h")


def test_exported_symbols_are_those_of_the_header(prefix):
    declared = set(re.findall(r"REGISTRY_API[^;]*?\b(registry_\w+)\(", HEADER.read_text()))
    assert 10 < len(declared) <= 30
    (library,) = prefix.rglob("libregistryclient.so")
    symbols = [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
    exported = {symbol for symbol in symbols if not symbol.startswith("REGISTRYCLIENT_")}
    assert exported == {f"{name}@@REGISTRYCLIENT_0" for name in declared}


def test_a_host_loads_next_to_nothing(prefix):
    """What only looks things up must not wait for forty libraries."""
    (library,) = prefix.rglob("libregistryclient.so")
    needed = set(re.findall(r"\(NEEDED\).*\[(\w+)", run("readelf", "-d", library)))
    assert {"libjansson", "libsodium", "libc"} <= needed
    assert needed <= {"libjansson", "libsodium", "libc", "libasan", "libubsan", "libtsan", "ld"}
    (full,) = prefix.rglob("libregistryclient-full.so.0")
    assert "libcurl" in run("readelf", "-d", full)
    symbols = run("nm", "-D", "--defined-only", full).split()
    assert [name for name in symbols if name.startswith("registry")] == ["registry_full_1@@REGISTRYCLIENT_FULL_0"]


def test_without_the_whole_library_the_rest_says_so(prefix, host, tmp_path):
    (library,) = prefix.rglob("libregistryclient.so")
    (tmp_path / "libregistryclient.so.0").write_bytes(library.read_bytes())
    done = subprocess.run([prefix / "host", GOOD, NOWHERE, GROUP], capture_output=True, text=True, check=False,
                          env=environment(LD_LIBRARY_PATH=str(tmp_path), ASAN_OPTIONS="detect_leaks=0"))
    assert "walk: unavailable" in done.stdout and "libregistryclient-full.so.0" in done.stdout


WANDERER = """
#include <registryclient.h>
#include <stdio.h>
#include <unistd.h>
int main(int count, char **words) {
    struct registry_error err = {0};
    struct registry_walk_options nothing = {0};
    struct registry_result *result = NULL;
    int failed = count == 2 && chdir(words[1]) == 0 ? registry_walk(NULL, &nothing, &result, &err) : -1;
    registry_result_free(result);
    printf("%d %s\\n", failed, err.message);
    return 0;
}
"""


def test_a_library_in_the_folder_a_host_works_in_is_not_taken(prefix, flags, tmp_path):
    """The host found the library by a relative path, and went elsewhere before it needed the rest."""
    (library,) = prefix.rglob("libregistryclient.so")
    (tmp_path / "wanderer.c").write_text(WANDERER)
    run("gcc", *sanitizer_options(), tmp_path / "wanderer.c", "-o", tmp_path / "wanderer", *flags)
    elsewhere = tmp_path / library.parent.name
    elsewhere.mkdir()
    (elsewhere / "libregistryclient-full.so.0").write_bytes(b"bait")
    said = run(tmp_path / "wanderer", tmp_path, cwd=library.parent.parent,
               env=environment(LD_LIBRARY_PATH=library.parent.name, ASAN_OPTIONS="detect_leaks=0"))
    assert "cannot be loaded" not in said and not said.startswith("-1"), said


def test_a_host_walks(host):
    lines = host(GOOD, NOWHERE)
    assert lines[1:3] == ["crm = plugins.crm:manifest (crm 0.1.0 from install)",
                          "finance = plugins.finance:manifest (finance 2.0.0 from install)"]
    assert [record["name"] for record in json.loads(lines[3])] == ["crm", "finance"]
    assert lines[4:6] == ["resolve: unreachable", "compare: unreachable"]


def test_a_host_sees_broken_plugins(host):
    lines = host(SOURCE_DIR / "tests" / "trees" / "broken_yaml" / "install", NOWHERE)
    assert "bad = - (- - from install)" in lines and "  error malformed" in lines


def test_a_host_learns_what_is_wrong(host):
    lines = host("/nowhere/at/all", "gopher://x")
    assert lines[1].startswith("walk: usage: /nowhere/at/all")
    assert lines[2].startswith('open: usage: "gopher://x" is not the address')


def test_a_host_compares(host):
    record = {"group": GROUP, "name": "crm", "value": "plugins.crm:manifest", "package": "crm", "version": "0.1.0",
              "source": "registry", "label": None, "origin": "o", "manifest": None, "warnings": [],
              "errors": [], "shadowed_by": None}
    other = {**record, "name": "finance", "value": "plugins.finance:manifest", "package": "finance", "version": "2.0.0"}
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [record, other], "excluded": []})
        lines = host(GOOD, registry.url)
    assert lines[4:7] == ["resolve: ok", "compare: ok", "equal: 1 1"]
    assert json.loads(lines[7])["same"] == 2
    whole, part, *_ = registry.requests
    assert part.query == {**whole.query, "name": ["crm"], "package": ["crm"]}


@pytest.mark.parametrize("url, open_failed", [(NOWHERE, False), ("gopher://x", True)])
def test_a_host_discovers_whatever_is_away(host, url, open_failed):
    lines = host(GOOD, url)
    assert any(line.startswith("open: usage") for line in lines) == open_failed
    at = lines.index("discovered 2")
    assert lines[at + 1 :] == ["  warning decisions-unknown", "  warning root-unreadable", "  warning registry-fallback",
                              "discover: usage"]


def test_a_host_discovers_with_the_registry(host):
    record = {"group": GROUP, "name": "remote", "value": "plugins.remote:manifest", "package": "remote",
              "version": "0.1.0", "source": "registry", "label": None, "origin": "o", "manifest": None,
              "warnings": [], "errors": [], "shadowed_by": None}
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [record], "excluded": [], "decisions": [], "known": []})
        lines = host(GOOD, registry.url)
    at = lines.index("discovered 3")
    assert lines[at + 1 :] == ["  warning root-unreadable", "discover: usage"]


def test_the_host_of_the_page(prefix, flags, tmp_path):
    source, *_ = re.findall(r"^```c\n(.*?)^```$", (SOURCE_DIR / "docs" / "C.md").read_text(), re.M | re.S)
    (tmp_path / "host.c").write_text(source)
    run("gcc", "-Wall", "-Wextra", "-Werror", *sanitizer_options(), tmp_path / "host.c", "-o", tmp_path / "host", *flags)
    (library,) = prefix.rglob("libregistryclient.so")
    snapshot = tmp_path / "plugins.snapshot"
    run(BUILD_DIR / "bin" / "registryctl", "snapshot", "build", snapshot, GOOD, env=environment())
    for kept, code, words in ((snapshot, 0, ""), (tmp_path / "none", 1, "No snapshot")):
        done = subprocess.run([tmp_path / "host"], capture_output=True, text=True, check=False, env=environment(
            LD_LIBRARY_PATH=str(library.parent), REGISTRYD_URL=NOWHERE, REGISTRYD_SNAPSHOT=str(kept)))
        assert (done.returncode, bool(done.stdout)) == (code, code == 0) and words in done.stderr, done
