# SPDX-License-Identifier: MIT
"""Decisions from the registry to a running host: how soon a quarantine arrives, that it outlives the registry, and
that what an environment requires and does not get is named."""

import json
import subprocess
import time

import pytest
from support.daemon import Daemon
from support.python_program import PACKAGE_FOLDER, PYTHON, python_environment
from support.registryctl import PROGRAM, environment, on_terminal, registryctl
from support.sites import Site

GROUP = "fastcms.plugins"
SECONDS = 20  # a sanitized build on a busy machine; on a quiet one it is well under 2


def plugin(root, name, version="1.0", folder=None):
    place = root / (folder or name)
    place.mkdir(parents=True)
    (place / "__init__.py").write_text(f'PLUGIN_META = {{"id": "{name}", "name": "{name}", "version": "{version}"}}\n\n\n'
                                       "def register(app):\n    pass\n")  # fmt: skip
    return place


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    place = tmp_path_factory.mktemp("host") / "plugins"
    for name in ("alpha", "beta"):
        plugin(place, name)
    return place


@pytest.fixture(scope="module")
def running(root):
    """A registry with both plugins; a test may stop it and start it again."""
    with Daemon() as daemon:
        done = registryctl("publish", "--metadata-only", "--all", root, REGISTRYD_URL=daemon.url,
                           REGISTRYD_TOKEN=daemon.publisher_token)  # fmt: skip
        assert done.code == 0, done.err
        yield daemon


@pytest.fixture
def registry(running):
    """The same, and afterwards nothing is quarantined."""
    yield running
    if running.process.poll() is not None:
        running.start()
    for name in ("alpha", "beta", "beta==1.0"):
        administer(running, "quarantine", name, "--undo")


def administer(registry, *arguments):
    done = registryctl(*arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)
    assert done.code == 0, done.err


def names(done):
    return [record["name"] for record in done.json if not record["shadowed_by"]]


def wait_for(condition, what):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < SECONDS, what
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.mark.parametrize("mode", ["walk-first", "registry-first", "registry"])
def test_a_quarantine_reaches_a_watching_host_and_outlives_the_registry(registry, root, tmp_path, mode):
    cache = tmp_path / "cache"
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_CACHE_DIR": str(cache)}
    watch = subprocess.Popen([PROGRAM, "watch", "--format", "json"], env=environment(**settings), text=True,
                             stdout=subprocess.PIPE)  # fmt: skip
    try:
        wait_for(lambda: list(cache.glob("*.snapshot")), "the first snapshot")

        def discover():
            return registryctl("discover", GROUP, "--mode", mode, "--root", root, **settings)

        def kept_codes():
            (path,) = cache.glob("*.snapshot")
            return registryctl("snapshot", "show", path, "--format", "table").out

        assert names(discover()) == ["alpha", "beta"]
        administer(registry, "quarantine", "alpha", "--reason", "It steals keys")
        took = wait_for(lambda: "quarantined" in kept_codes(), "the quarantine in the file of watch")
        print(f"the file of watch was new after {took:.2f} s, the time of reading it included")
        found = discover()
        assert names(found) == ["beta"]
        assert ("[withheld]" in found.err) == (mode != "registry")
        registry.stop()
        found = discover()
        assert names(found) == ["beta"] and "[registry-fallback]" in found.err
        assert mode == "registry" or "It steals keys" in found.err
    finally:
        watch.terminate()
        watch.communicate(timeout=SECONDS)


HOST = """
import sys, time
from registryclient import diagnostics, entry_points
begun, seen = time.monotonic(), None
while time.monotonic() - begun < 60:
    names = sorted(point.name for point in entry_points(group="fastcms.plugins"))
    if names != seen:
        seen = names
        print(time.time(), *names, flush=True)
    if names == ["beta"]:
        print(*(one.code for one in diagnostics()), flush=True)
        break
    time.sleep(0.02)
"""


def test_a_running_host_in_python(registry, tmp_path):
    """It walks installed distributions, watch keeps its snapshot: within two seconds the plugin is gone."""
    site, cache = Site(tmp_path / "site"), tmp_path / "cache"
    for name in ("alpha", "beta"):
        site.add(name, "1.0", {GROUP: {name: f"{name}:plugin"}})
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_CACHE_DIR": str(cache)}
    watch = subprocess.Popen([PROGRAM, "watch"], env=environment(**settings), stdout=subprocess.DEVNULL)
    folder = {"PYTHONPATH": f"{site.folder}:{PACKAGE_FOLDER}"}
    wait_for(lambda: list(cache.glob("*.snapshot")), "the first snapshot")
    host = subprocess.Popen([PYTHON, "-c", HOST], env={**python_environment(), **settings, **folder}, text=True,
                            stdout=subprocess.PIPE)  # fmt: skip
    try:
        assert host.stdout.readline().split()[1:] == ["alpha", "beta"]
        administer(registry, "quarantine", "alpha", "--reason", "It steals keys")
        decided = time.time()
        moment, *left = host.stdout.readline().split()
        print(f"the host had it after {float(moment) - decided:.2f} s")
        assert left == ["beta"] and "withheld" in host.stdout.readline().split()
        assert float(moment) - decided < SECONDS
    finally:
        for process in (host, watch):
            process.terminate()
            process.communicate(timeout=SECONDS)


def test_a_host_that_holds_its_snapshot_open(registry, root, tmp_path):
    """The library's own loop: REGISTRY_OFFLINE, then a look at the decisions. It never loses one."""
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_CACHE_DIR": str(tmp_path)}
    assert registryctl("snapshot", "pull", **settings).code == 0
    administer(registry, "quarantine", "beta==1.0", "--reason", "It loses data")
    assert registryctl("snapshot", "pull", **settings).code == 0
    registry.stop()
    done = registryctl("discover", GROUP, "--root", root, **settings)
    assert names(done) == ["alpha"] and "beta 1.0 is withheld" in done.err.replace('"beta" of ', "")
    assert "registryctl quarantine beta==1.0 --undo" in done.err


def test_what_is_decided_otherwise(registry, root):
    """Disabled, not enabled, outside a pin, yanked: each by name, in one environment."""
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_ENVIRONMENT": "live"}
    administer(registry, "environment", "create", "live")
    administer(registry, "environment", "disable", "live", "alpha")
    administer(registry, "environment", "pin", "live", "beta", ">=2")
    done = registryctl("discover", GROUP, "--root", root, **settings)
    assert names(done) == ["beta"] and "(disabled)" in done.err
    assert "registryctl environment enable live alpha" in done.err
    assert [one["code"] for one in done.json[0]["warnings"]] == ["outside-pin"]
    compared = registryctl("compare", GROUP, root, **settings)
    assert [one["name"] for one in compared.json["withheld"]] == ["alpha"]
    administer(registry, "environment", "create", "strict", "--plugins", "listed")
    settings["REGISTRYD_ENVIRONMENT"] = "strict"
    done = registryctl("discover", GROUP, "--root", root, **settings)
    assert names(done) == [] and done.err.count("(not-enabled)") == 2


def test_a_plugin_in_a_directory_of_another_name(registry, tmp_path):
    """A walk of plugin.yaml knows the directory's name; the registry's package is called otherwise."""
    document = {"name": "acme-crm", "version": "1.0", "entry_points": {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}}
    assert registry.put("/v1/packages/acme-crm/releases/1.0", document).status in (200, 201)
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "plugin.yaml").write_text("name: crm\nversion: 0.9\n")
    administer(registry, "quarantine", "acme-crm", "--reason", "It steals keys")
    done = registryctl("discover", "honeyframe.plugins", "--root", tmp_path, REGISTRYD_URL=registry.url)
    assert names(done) == [] and "It steals keys" in done.err
    # a stranger's package of that name switches nothing off
    administer(registry, "quarantine", "acme-crm", "--undo")
    document = {"name": "stranger", "version": "1.0", "entry_points": {"honeyframe.plugins": {"crm": "stranger:p"}}}
    assert registry.put("/v1/packages/stranger/releases/1.0", document).status in (200, 201)
    administer(registry, "quarantine", "stranger", "--reason", "Its owner wants it so")
    done = registryctl("discover", "honeyframe.plugins", "--root", tmp_path, REGISTRYD_URL=registry.url)
    assert [record["origin"] for record in done.json if not record["shadowed_by"]] == [str(tmp_path / "crm")]


def test_what_an_environment_requires_and_does_not_get_is_named(registry):
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_ENVIRONMENT": "needs"}
    administer(registry, "environment", "create", "needs", "--plugins", "listed")
    for name in ("alpha", "beta"):
        administer(registry, "environment", "enable", "needs", name, "--pin", "==1.0")
    assert registryctl("resolve", GROUP, "--require", **settings).code == 0
    administer(registry, "quarantine", "beta==1.0", "--reason", "It steals keys")
    done = registryctl("resolve", GROUP, "--require", **settings)
    assert done.code == 1 and [one["name"] for one in done.json] == ["alpha"]
    assert "beta is missing (quarantined)" in done.err and "It steals keys" in done.err
    assert registryctl("resolve", GROUP, **settings).code == 0


def test_every_line_fits_a_terminal(registry, root):
    administer(registry, "quarantine", "alpha", "--reason", "It sends the keys of every host that loads it to a stranger")
    for arguments in (["resolve", GROUP], ["discover", GROUP, "--root", root], ["compare", GROUP, root]):
        shown = on_terminal(*arguments, columns=80, REGISTRYD_URL=registry.url, NO_COLOR="1").out
        assert all(len(line) <= 80 for line in shown.splitlines()), shown
        assert "quarantined" in shown


def test_decisions_are_part_of_explain(registry):
    administer(registry, "quarantine", "alpha", "--reason", "It steals keys")
    explained = registryctl("resolve", GROUP, "--explain", REGISTRYD_URL=registry.url).json
    (row,) = [one for one in explained["decisions"] if one["package"] == "alpha"]
    assert (row["code"], row["name"], row["version"]) == ("quarantined", "alpha", None), json.dumps(row)
    assert "It steals keys" in row["message"] and row["by"] and row["since"]


WATCHING = """
import sys, time
import registryclient
registry = registryclient.Registry()
def say(*words):
    print(*words, flush=True)
def listen(changed, error):
    say("round", changed, sum(one.code == "quarantined" for one in registry.decisions("fastcms.plugins")), error)
with registry.watch(listen, interval=3600) as watcher:
    sys.stdin.readline()
    begun = time.monotonic()
say("stopped", time.monotonic() - begun < 1)
"""


def test_watch_of_python_hears_of_a_quarantine_at_once(registry, tmp_path):
    """Its interval is an hour: the registry's long poll wakes it."""
    host = subprocess.Popen([PYTHON, "-c", WATCHING], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=python_environment(
        REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=str(tmp_path / "cache")))  # fmt: skip
    try:
        assert host.stdout.readline().startswith("round True 0")
        time.sleep(1)  # the listener has its place in the changes
        administer(registry, "quarantine", "alpha", "--reason", "It steals keys")
        begun = time.monotonic()
        while not (line := host.stdout.readline()).startswith("round True 1"):
            assert line.startswith("round False 0"), line
        assert time.monotonic() - begun < SECONDS, "the quarantine reaches the host"
        print(f"the host knew after {time.monotonic() - begun:.2f} s")
        out, _ = host.communicate("\n", timeout=SECONDS)
        assert out.splitlines()[-1] == "stopped True", "stopping waits for no long poll"
    finally:
        host.kill()
        host.wait()
