# SPDX-License-Identifier: MIT
"""What one broken entry, name or group does to everyone else's look-up: nothing. What is said of it. And a
call that waits can be interrupted."""

import json
import signal
import subprocess
import time

import pytest
from support import python
from support.fake_registry import FakeRegistry
from support.snapshot_file import snapshot

VALUES = ["", " ", ":", "a:", ":b", "a b:c", "a:b:c", "[x]", "a:b [x", "a..b:c", "1:2", "🐍:x", "a\tb", "a:b.", "=", "m\n[g]\nn=o:p"]
LINE_BREAKERS = ["x\ny", "x\u2028y", "x\x85y", "x\x0by", "x\x1cy", "#x", "[x", "x = evil:y\nz", " x", ";x"]


def registry_snapshot(path, groups):
    records = {group: [{"name": name, "value": value, "package": "some-package", "version": "1.0", "source": "registry"}
                       for name, value in pairs] for group, pairs in groups.items()}  # fmt: skip
    path.write_bytes(snapshot(records))
    return path


ASK = """
import json, sys
import registryclient
from registryclient import entry_points
mode = sys.argv[1]
if sys.argv[2] == "install":
    registryclient.install(mode)
    from importlib.metadata import entry_points
    registryclient.entry_points(group="a.group")
else:
    registryclient.configure(mode=mode)
def said(call):
    try:
        return call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
found = entry_points(group="a.group")
print(json.dumps([
    sorted(found.names), [one.name for one in found.select(name="good")], len(sorted(found)) == len(found), len(repr(found)) > 0,
    [[one.name for one in said(lambda: entry_points(group="a.group", **{key: value}))]
     for key, value in (("module", "json"), ("attr", "loads"), ("extras", []))] if sys.argv[2] == "own" else None,
    [said(one.load) if not one.name == "good" else "" for one in found],
    [said(lambda: one.module) if not one.name == "good" else "" for one in found],
    "good" in [one.name for one in entry_points().select(group="a.group")] if sys.argv[2] == "own" else True,
]))
"""


@pytest.mark.parametrize("how", ["own", "install"])
@pytest.mark.parametrize("mode", ["walk-first", "registry-first", "registry", "compare"])
def test_a_broken_value_in_the_registry_costs_itself(tmp_path, mode, how):
    """No registry publishes such values; a file may hold them all the same."""
    pairs = [("good", "json:loads"), *((f"bad {number}", value) for number, value in enumerate(VALUES))]
    path = registry_snapshot(tmp_path / "plugins.snapshot", {"a.group": pairs})
    python.make_distribution(tmp_path / "site", "here", entry_points="[a.group]\ngood = json:loads\n")
    done = python.run(ASK, mode, how, path=[tmp_path / "site"], REGISTRYD_SNAPSHOT=path)
    names, good, is_sortable, has_text, selected, loads, modules, in_all = json.loads(done.stdout)
    assert "good" in names and good and is_sortable and has_text and in_all
    for chosen in selected or []:
        assert "good" in chosen
    for message in filter(None, [*loads, *modules]):
        assert "NoneType" not in str(message) and "has no attribute 'group'" not in str(message), message


def test_the_value_that_is_no_reference_is_named(tmp_path):
    code = """
from registryclient import EntryPoint
for value in ("not a module:x", None, 7, ""):
    for call in ("module", "attr", "extras", "load"):
        one = EntryPoint("demo", value, "a.group")
        try:
            got = getattr(one, call)
            got() if call == "load" else None
            print("no error", value, call)
        except AttributeError as error:
            print(error)
"""
    lines = python.run(code).stdout.splitlines()
    assert len(lines) == 16
    assert all("'demo'" in line and "'a.group'" in line and "NoneType" not in line for line in lines), lines


FORGED = """
import json, sys
import registryclient
registryclient.install("registry")
import importlib.metadata as m
dists = list(m.distributions())
texts = [dist.read_text("entry_points.txt") for dist in dists]
registryclient.uninstall()
ours = [one.dist.read_text("entry_points.txt") for one in registryclient.entry_points(group="a.group")]
parsed = [[one.group, one.name] for text in texts + ours for one in m.EntryPoints._from_text(text)]
print(json.dumps(parsed))
"""


def test_a_name_cannot_forge_lines_of_entry_points_txt(tmp_path):
    """Programs that parse what read_text() gives see the entries that are there, and no others."""
    pairs = [("good", "json:loads"), *((name, "json:loads") for name in LINE_BREAKERS)]
    groups = {"a.group": pairs, "a]\n[console_scripts": [("evil", "os:system")], "b\u2028[console_scripts]": [("evil", "os:system")]}
    path = registry_snapshot(tmp_path / "plugins.snapshot", groups)
    found = json.loads(python.run(FORGED, REGISTRYD_SNAPSHOT=path, REGISTRYD_MODE="registry").stdout)
    assert found and {tuple(one) for one in found} <= {("a.group", "good")}, found


# ---- groups that no registry indexes ----

ODD = ["a..b", "a b", "a/b", "ä.group", "a.-b", ".a", "a.", "x" * 201]
INDEXED = ["a", "a.b", "a-b.c_d", "A1", "_x.y", "x" * 200]
GROUPS = """
import json, sys
import registryclient
registryclient.configure(mode=sys.argv[1])
found = {group: [one.name for one in registryclient.entry_points(group=group)] for group in json.loads(sys.argv[2])}
print(json.dumps([found, [[one.code, one.is_error, one.message] for one in registryclient.diagnostics()]]))
"""


@pytest.mark.parametrize("mode", ["walk", "walk-first", "registry-first", "registry", "compare"])
def test_a_group_that_is_not_indexed_is_returned_with_a_warning(tmp_path, mode):
    """Where the registry alone answers it has none, and says so."""
    text = "".join(f"[{group}]\none = json:loads\n" for group in [*ODD, *INDEXED])
    python.make_distribution(tmp_path / "site", "here", entry_points=text)
    path = registry_snapshot(tmp_path / "plugins.snapshot", {group: [("one", "json:loads")] for group in INDEXED})
    done = python.run(GROUPS, mode, json.dumps([*ODD, *INDEXED]), path=[tmp_path / "site"], REGISTRYD_SNAPSHOT=path)
    found, told = json.loads(done.stdout)
    assert {group: names for group, names in found.items() if group in INDEXED} == {group: ["one"] for group in INDEXED}
    assert all(found[group] == ([] if mode == "registry" else ["one"]) for group in ODD), found
    named = [group for group in ODD for code, is_error, message in told
             if code == "group-not-indexed" and (f"'{group}'" if len(group) < 60 else group[:60]) in message and not is_error]  # fmt: skip
    assert named == ODD, told  # each once: of its file, or of the registry that has none of it
    assert len([code for code, _, _ in told if code == "group-not-indexed"]) == len(ODD)
    assert not any(repr(group) in message for group in INDEXED for code, _, message in told if code == "group-not-indexed")


# ---- a Registry without roots ----

DISCOVER = """
import json, registryclient
found = registryclient.Registry().discover("a.group", mode=None if not MODE else MODE)
print(json.dumps([[one.name for one in found], [one.code for one in found.diagnostics]]))
"""


@pytest.mark.parametrize("mode", [None, "walk-first", "registry-first", "registry", "compare"])
def test_without_roots_there_is_nothing_to_walk_and_nothing_to_say(mode):
    record = {"group": "a.group", "name": "one", "value": "json:loads", "package": "p", "version": "1.0", "source": "registry",
              "label": None, "origin": "/x", "manifest": None, "warnings": [], "errors": [], "shadowed_by": None}  # fmt: skip
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [record], "decisions": [], "known": []})
        done = python.run(DISCOVER.replace("MODE", repr(mode)), REGISTRYD_URL=registry.url)
        names, codes = json.loads(done.stdout)
    assert "registry-fallback" not in codes and "walk-fallback" not in codes
    assert codes == (["only-registry"] if mode == "compare" else [])
    assert names == ([] if mode == "compare" else ["one"])


def test_without_roots_and_registry_it_is_said():
    done = python.run(DISCOVER.replace("MODE", repr("registry")), REGISTRYD_URL="http://127.0.0.1:9")
    names, codes = json.loads(done.stdout)
    assert names == [] and codes


# ---- Ctrl-C ----

WAIT = """
import sys, threading
from registryclient import Registry
registry = Registry(sys.argv[1], timeout=60, roots=["/nowhere"] if sys.argv[2] == "discover" else [])
calls = {"refresh": registry.refresh, "resolve": lambda: registry.resolve("a.group"),
         "discover": lambda: registry.discover("a.group", mode="registry"),
         "compare": lambda: registry.compare("a.group", "/tmp")}
print("asking", flush=True)
try:
    calls[sys.argv[2]]()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("call", ["refresh", "resolve", "discover", "compare"])
def test_a_call_that_waits_for_the_network_can_be_interrupted(call):
    """The registry takes the question and does not answer; the deadline is a minute away."""
    with FakeRegistry() as registry:
        for path in ("/v1/resolve", "/v1/snapshot"):
            registry.answer("GET", path, {"records": []}, delay_seconds=50)
        process = subprocess.Popen([python.SYSTEM, "-c", WAIT, registry.url, call], env=python.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
        until = time.monotonic() + 30
        while not registry.requests and time.monotonic() < until:
            time.sleep(0.02)
        assert registry.requests
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out.splitlines() == ["asking", "interrupted"], err
    assert process.returncode == 0


SIGNAL = """
import signal, sys, threading, os
from registryclient import Registry
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
found = Registry(sys.argv[1], timeout=30).resolve("a.group")
print(len(found), heard)
"""


def test_a_handler_that_raises_nothing_interrupts_nothing():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": []}, delay_seconds=2.5)
        assert python.run(SIGNAL, registry.url).stdout == "0 [1]\n"
