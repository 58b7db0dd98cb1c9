# SPDX-License-Identifier: MIT
"""Registry against a registryd: resolve, walk, compare, discover, load_all, refresh, watch; and the exceptions,
which are those of the one list of statuses."""

import json
import re

import pytest
from support import python
from support.daemon import Daemon

PLUGINS = {"alpha": "1.0", "beta": "2.0"}
PRELUDE = """
import json, os, sys, time
import registryclient
from registryclient import errors
URL, PLACE = sys.argv[1:3]
def say(*values):
    print(json.dumps(values))
registry = registryclient.Registry(URL, roots=[f"install={PLACE}/site"], convention="dist-info")
"""


@pytest.fixture(scope="module")
def place(daemon, tmp_path_factory):
    """A registry with two plugins, one of which is on disk too, beside one that is broken."""
    folder = tmp_path_factory.mktemp("place")
    for name, version in PLUGINS.items():
        document = {"name": name, "version": version, "summary": "A plugin",
                    "entry_points": {"a.group": {name: f"{name}:Plugin"}},
                    "manifests": {"a.group": {name: {"title": name.upper()}}}}  # fmt: skip
        answer = daemon.put(f"/v1/packages/{name}/releases/{version}", document)
        assert answer.status == 201, answer.body
    too_new = {"name": "gamma", "version": "1.0", "requires_python": ">=99",
               "entry_points": {"a.group": {"gamma": "gamma:Plugin"}}}  # fmt: skip
    assert daemon.put("/v1/packages/gamma/releases/1.0", too_new).status == 201
    good = {"alpha.py": "class Plugin:\n    pass\n", "fails.py": "raise SystemExit('no more')\n"}
    python.make_distribution(folder / "site", "alpha", "1.0", "[a.group]\nalpha = alpha:Plugin\n", files=good)
    python.make_distribution(folder / "site", "fails", "1.0", "[a.group]\nfails = fails:Plugin\n")
    return folder


class Gone:
    """A daemon that is no more: its address."""

    def __init__(self, url):
        self.url = url


def run(daemon, place, code, **more):
    more.setdefault("REGISTRYD_CACHE_DIR", place / "cache")
    done = python.run(PRELUDE + code, daemon.url, place, path=[place / "site"], **more)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_resolve(daemon, place):
    code = """
found = registry.resolve("a.group")
say([[one.name, one.value, one.package, one.version, one.source, one.manifest, one.ok] for one in found])
say(json.loads(found.to_json()) == [one.to_dict() for one in found], found[0].origin)
say([one.name for one in registry.resolve("a.group", python="99.1")])
say([one.name for one in registryclient.Registry(URL, facts={}).resolve("a.group")])
"""
    found, same, later, anyone = run(daemon, place, code)
    assert found == [[[name, f"{name}:Plugin", name, version, "registry", {"title": name.upper()}, True]
                      for name, version in PLUGINS.items()]]  # fmt: skip
    assert same == [True, "/v1/packages/alpha/releases/1.0"]
    assert later == anyone == [["alpha", "beta", "gamma"]]


def test_a_part_of_an_answer(daemon, place):
    code = """
say([one.name for one in registry.resolve("a.group", names=["beta", "nothing"])])
say([one.name for one in registry.resolve("a.group", packages=("alpha",))])
say([one.name for one in registry.resolve("a.group", names=["beta"], packages=["alpha"])])
explained = registry.explain("a.group", packages=["gamma"])
say(len(explained.records), [one.package for one in explained.excluded])
"""
    assert run(daemon, place, code) == [[["beta"]], [["alpha"]], [[]], [0, ["gamma"]]]


def test_markers_of_this_python_are_known(daemon, place):
    """A release whose requirements carry markers is no riddle: what they need is told with every question."""
    document = {"name": "delta", "version": "1.0", "entry_points": {"marked": {"delta": "delta:x"}},
                "requires_dist": ["a; sys_platform == 'win32'", "b; python_version < '3'", "c; os_name == 'nt'",
                                  "d; platform_machine == 'none'", "e; implementation_name == 'jython'",
                                  "f; platform_system == 'Windows'", "g; python_full_version < '3'",
                                  "h; platform_python_implementation == 'PyPy'"]}  # fmt: skip
    assert daemon.put("/v1/packages/delta/releases/1.0", document).status == 201
    assert run(daemon, place, "say([one.name for one in registry.resolve('marked')])") == [[["delta"]]]


def test_walk_compare_and_discover(daemon, place):
    code = """
say([[one.name, one.label, one.source] for one in registry.walk()])
parity = registry.compare("a.group")
say(parity.equal, parity.is_equal(strict=True), sorted(parity.report), json.loads(parity.to_json()) == parity.report)
for mode in ("walk", "walk-first", "registry-first", "registry", "compare"):
    found = registry.discover("a.group", mode=mode)
    say(mode, [[one.name, one.source] for one in found], [one.code for one in found.diagnostics if one.code != "decisions-unknown"])
say(sorted(one.name for one in registry.entry_points(group="a.group")))
"""
    walked, parity, *modes, points = run(daemon, place, code)
    assert walked == [[["alpha", "install", "walk"], ["fails", "install", "walk"]]]
    assert parity[:2] == [False, False] and "only_walk" in parity[2] and parity[3]
    alpha, beta, fails = ["alpha", "walk"], ["beta", "registry"], ["fails", "walk"]
    assert modes == [
        ["walk", [alpha, fails], ["decisions-not-asked"]],
        ["walk-first", [alpha, beta, fails], []],
        ["registry-first", [["alpha", "registry"], beta, fails], []],
        ["registry", [["alpha", "registry"], beta], []],
        ["compare", [alpha, fails], ["only-walk", "only-registry"]],
    ]
    assert points == [["alpha", "beta", "fails"]]


def test_one_plugin_that_fails_stops_no_other(daemon, place):
    code = """
for one in registry.load_all("a.group"):
    say(one.name, one.ok, getattr(one, "message", None), one.record.package, type(one).__name__)
"""
    alpha, beta, fails = run(daemon, place, code)
    assert alpha == ["alpha", True, None, "alpha", "Plugin"]
    assert beta[:2] == ["beta", False] and "pip install" in beta[2] and "beta==2.0" in beta[2]
    assert fails[:3] == ["fails", False, "SystemExit: no more"] and fails[4] == "Failure"


MISSING = """
import importlib.metadata
assert registry.refresh()
registryclient.install("registry", url=URL)
for found in (importlib.metadata.entry_points(group="a.group"), registryclient.entry_points(group="a.group")):
    by_name = {one.name: one for one in found}
    say(by_name["alpha"].load().__name__)
    try:
        by_name["beta"].load()
    except ModuleNotFoundError as error:
        say(error.name, str(error))
"""


def test_a_plugin_that_is_not_installed_says_how_to_get_it(daemon, place, tmp_path):
    first, why, second, why_too = run(daemon, place, MISSING, REGISTRYD_CACHE_DIR=tmp_path / "cache")
    assert first == second == ["Plugin"]
    for name, message in (why, why_too):
        assert name == "beta" and "'beta' of 'a.group' is in beta 2.0" in message
        assert message.endswith(f": pip install --no-deps --index-url {daemon.url}/simple/ 'beta==2.0'")


def test_exceptions_are_the_statuses(daemon, place):
    table = (python.SOURCE_DIR / "schema/base/status.h").read_text()
    rows = re.findall(r'X\(\w+, "([^"]+)", (\d+), (\d+),[\s\\]*"([^"]+)"\)', table)
    code = """
say([[one.code, one.http_status, one.exit_code, one.__doc__, one.__name__, issubclass(one, registryclient.RegistryError),
      getattr(errors, one.__name__) is one] for one in errors.BY_CODE.values()])
"""
    ((told,),) = run(daemon, place, code)
    expected = [[code, int(http), int(exit), f"{text}.", "".join(map(str.capitalize, code.split("-"))) + "Error", True, True]
                for code, http, exit, text in rows if code != "ok"]  # fmt: skip
    assert told == expected


@pytest.mark.parametrize(
    "call, name, message",
    [
        ("registryclient.Registry('http://127.0.0.1:9', timeout=2).resolve('a.group')", "UnreachableError", "127.0.0.1:9"),
        ("registryclient.Registry('no address').resolve('a.group')", "UsageError", "no address"),
        ("registry.resolve()", "UsageError", "group"),
        ("registry.walk('/no/such/root')", "UsageError", "/no/such/root"),
        ("registry.discover('a.group', mode='sideways')", "UsageError", "sideways"),
        ("registryclient.Registry(URL, convention='nothing').walk(PLACE)", "UsageError", "nothing"),
        ("registry.resolve('a.group', python='three')", "InvalidError", "three"),
    ],
)
def test_what_goes_wrong_is_an_exception_with_code_and_place(daemon, place, call, name, message):
    code = f"""
import pickle
try:
    {call}
except registryclient.RegistryError as error:
    again = pickle.loads(pickle.dumps(error))
    say(type(error).__name__, error.code, str(error), type(again) is type(error) and str(again) == str(error))
"""
    ((kind, code, text, pickles),) = run(daemon, place, code)
    assert kind == name and code == name.removesuffix("Error").lower() and message in text and pickles


REFRESH = """
from registryclient import _lookup
_lookup.RECHECK_SECONDS = 0
say(registry.state()["has_snapshot"], registry.refresh(), registry.refresh(), registry.state()["has_snapshot"])
say([one.name for one in registry.lookup("a.group")], registry.lookup()[:2] == registry.lookup("a.group"), len(registry.lookup("none")))
say(os.path.exists(registry.snapshot), registry.state()["group_count"] >= 1)
registryclient.configure(mode="registry", url=URL)
say([[one.name, one.registry.version] for one in registryclient.entry_points(group="a.group")])
say(len(registryclient.entry_points(group="none")), [one.code for one in registryclient.diagnostics()])
"""


def test_refresh_keeps_a_snapshot_that_the_process_answers_from(daemon, place, tmp_path):
    told = run(daemon, place, REFRESH, REGISTRYD_CACHE_DIR=tmp_path / "cache")
    assert told == [[False, True, False, True], [["alpha", "beta"], True, 0], [True, True],
                    [[["alpha", "1.0"], ["beta", "2.0"]]], [0, []]]  # fmt: skip


def test_a_snapshot_that_the_command_line_pulled_is_found(daemon, place, tmp_path):
    """registryctl tells no facts of a Python; the process finds that file all the same."""
    python.run_command([python.BUILD_DIR / "bin/registryctl", "snapshot", "pull"], REGISTRYD_CACHE_DIR=tmp_path / "cache",
                       REGISTRYD_URL=daemon.url, LD_PRELOAD="")  # fmt: skip
    code = "say([one.name for one in registryclient.entry_points(group='a.group')])"
    told = run(daemon, place, code, REGISTRYD_CACHE_DIR=tmp_path / "cache", REGISTRYD_URL=daemon.url,
               REGISTRYD_MODE="registry")  # fmt: skip
    assert told == [[["alpha", "beta", "gamma"]]]
    code = """
away = registryclient.Registry("http://127.0.0.1:9", timeout=1)
say(away.state()["has_snapshot"], registry.state()["question"], [one.name for one in registry.lookup("a.group")])
for mode in ("registry", "registry-first"):
    found = registryclient.Registry(registry.url, roots=[PLACE + "/site"], mode=mode, timeout=1).discover("a.group")
    say([[one.name, one.source] for one in found], [one.code for one in found.diagnostics])
"""
    no_facts, *discovered = run(daemon, place, code, REGISTRYD_CACHE_DIR=tmp_path / "cache")
    assert no_facts == [False, "environment=default", ["alpha", "beta", "gamma"]]
    assert [len(found) for found, _ in discovered] == [2, 3]  # the registry itself answers, for this Python


def test_away_from_its_registry_a_snapshot_without_facts_answers_for_discover(place, tmp_path):
    """One that only the command line pulled, from a registry that is gone since."""
    with Daemon() as gone:
        document = {"name": "alpha", "version": "3.0", "entry_points": {"a.group": {"alpha": "alpha:Plugin"}}}
        assert gone.put("/v1/packages/alpha/releases/3.0", document).status == 201
        python.run_command([python.BUILD_DIR / "bin/registryctl", "snapshot", "pull"], LD_PRELOAD="",
                           REGISTRYD_CACHE_DIR=tmp_path / "cache", REGISTRYD_URL=gone.url)  # fmt: skip
        url = gone.url
    code = f"""
found = registryclient.Registry({url!r}, mode="registry").discover("a.group")
say([[one.name, one.version, one.source] for one in found], [one.code for one in found.diagnostics])
"""
    ((found, told),) = run(Gone(url), place, code, REGISTRYD_CACHE_DIR=tmp_path / "cache")
    assert found == [["alpha", "3.0", "registry"]] and len(told) == 1


WATCH = """
import threading
assert threading.active_count() == 1
heard = []
done = threading.Event()
def listen(changed, error):
    heard.append([changed, error and error.code])
    if len(heard) >= 3:
        done.set()
        raise RuntimeError("a callback that fails ends nothing")
with registry.watch(listen, interval=0.05) as watcher:
    assert done.wait(60)
say(heard[:3], watcher.rounds >= 3, threading.active_count())
away = registryclient.Registry("http://127.0.0.1:9", timeout=1)
rounds = []
watcher = away.watch(lambda changed, error: rounds.append(error.code), interval=0.01)
while len(rounds) < 2:
    time.sleep(0.01)
say(watcher.stop(30), rounds[:2], type(watcher.error).__name__)
registry.watch(interval=3600)  # ends with the program
"""


def test_watch_refreshes_until_it_is_stopped(daemon, place, tmp_path):
    heard, stopped = run(daemon, place, WATCH, REGISTRYD_CACHE_DIR=tmp_path / "cache")
    assert heard == [[[True, None], [False, None], [False, None]], True, 1]
    assert stopped == [True, ["unreachable", "unreachable"], "UnreachableError"]


def test_settings_of_the_environment_reach_the_plugin(daemon, place, tmp_path):
    patch = {"settings": {"colour": "green"}}
    answer = daemon.request("PATCH", "/v1/environments/default/plugins/alpha", patch, token=daemon.admin_token)
    assert answer.status in (200, 201), answer.body
    code = """
assert registry.refresh()
registryclient.configure(mode="registry", url=URL)
for one in registryclient.entry_points(group="a.group"):
    say(one.name, one.registry.settings, one.registry.to_dict().get("settings"))
"""
    told = run(daemon, place, code, REGISTRYD_CACHE_DIR=tmp_path / "anonymous")
    assert told == [["alpha", None, None], ["beta", None, None]], "settings are for those who may read them"
    told = run(daemon, place, code, REGISTRYD_CACHE_DIR=tmp_path / "cache", REGISTRYD_TOKEN=daemon.admin_token)
    assert told == [["alpha", {"colour": "green"}, {"colour": "green"}], ["beta", None, None]]
