# SPDX-License-Identifier: MIT
"""Decisions in the drop-in, against the reference (support/decision_rules.py): what entry_points() gives, what is
withheld, and what is said. Random cases; DECISION_CASES says how many (20,000), DECISION_SEED which."""

import json
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from support import decision_cases, decision_rules
from support.fake_registry import FakeRegistry
from support.python_program import PYTHON, python_environment, run_python
from support.sites import Site
from support.snapshot_file import MEDIA_TYPE, snapshot

CASES = int(os.environ.get("DECISION_CASES", "20000"))
SEED = int(os.environ.get("DECISION_SEED", "1"))
DRIVER = Path(__file__).parent / "decision_driver.py"
GROUP = decision_cases.GROUP
ABOUT_DECISIONS = {"withheld", "decisions-not-asked", "decisions-unknown", "decision-unknown", "enforce-warn", "enforce-off",
                   "group-deprecated"}  # fmt: skip


class Driver:
    """A Python with the package, asked case by case."""

    def __enter__(self):
        self.process = subprocess.Popen([PYTHON, DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=python_environment())  # fmt: skip
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def ask(self, case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the driver ended at {json.dumps(case)}"
        return json.loads(line)


@pytest.fixture
def driver():
    with Driver() as made:
        yield made


def random_case(number):
    """One walk and one answer: the drop-in has one path and one snapshot."""
    generator = random.Random(f"{SEED}-{number}")
    case = decision_cases.case(generator)
    walked = [one for root in case["roots"] or [] for one in root if one["value"] is not None]
    return {"group": GROUP, "mode": case["mode"], "enforce": case["enforce"], "walked": walked, "answer": case["kept"]}


def names_first(first, second):
    """The drop-in's merge: the first source as it is, of the second the names that the first lacks."""
    names = {one["name"] for one in first}
    return [*first, *(one for one in second if one["name"] not in names)]


def expected(case, is_looked_up=False):
    mode, answer = case["mode"], case["answer"] if case["mode"] != "walk" else None
    diagnostics = [f"enforce-{case['enforce']}"] if case["enforce"] in ("warn", "off") else []
    walks = mode != "registry" or answer is None
    enforce = case["enforce"]
    if enforce == "strict" and not (answer and (answer["records"] or any(row["group"] == GROUP for row in answer["decisions"] or ()))):
        enforce = "on"  # the registry does not know the group at all, and the host did not name it
    returned, withheld = decision_rules.decide(case["walked"], answer, enforce) if walks else ([], [])
    if mode == "walk":
        diagnostics.append("decisions-not-asked")
    elif walks and (answer is None or answer["decisions"] is None):
        diagnostics.append("decisions-unknown")
    elif walks:
        diagnostics += ["decision-unknown"] * len(decision_rules.unknown_codes({**answer, "decisions": [
            row for row in answer["decisions"] if row["group"] == GROUP]}))  # fmt: skip
    if answer is not None and (walks or is_looked_up):
        diagnostics += ["group-deprecated"] * any(row["code"] == "group-deprecated" and row["group"] == GROUP for row in answer["decisions"] or ())
    known = [one for one in answer["records"]] if answer is not None else []
    if mode == "compare" and walks:
        known = []
    if mode == "registry-first":
        known = [one for one in known if decision_rules.holder_of(one, [{**one, "installed": True} for one in returned], answer) is None]
    records = names_first(known, returned) if mode in ("registry-first", "registry") else names_first(returned, known)
    return {"records": records, "withheld": sorted(one["errors"][-1] for one in withheld), "diagnostics": sorted(diagnostics)}


KEYS = ("name", "value", "package", "version", "source", "settings")


def check(given, case):
    want, message = expected(case), json.dumps(case)
    assert given["is_stable"] and given["is_whole"], message
    assert [{key: one[key] for key in KEYS} for one in given["records"]] == [
        {key: one[key] for key in KEYS} for one in want["records"]], message  # fmt: skip
    assert [one["warnings"] for one in given["records"]] == [sorted(one["warnings"]) for one in want["records"]], message
    # one that is withheld twice in the same words is told once
    assert set(given["withheld"]) == set(want["withheld"]) and len(given["withheld"]) <= len(want["withheld"]), message
    about = [code for code in given["diagnostics"] if code in ABOUT_DECISIONS and code != "withheld"]
    assert about == want["diagnostics"], message


def test_the_same_as_the_reference(driver):
    seen = Counter()
    for number in range(CASES):
        case = random_case(number)
        given = driver.ask(case)
        check(given, case)
        seen.update(f"withheld {code}" for code in given["withheld"])
        seen.update(code for one in given["records"] for code in one["warnings"])
        seen.update(given["diagnostics"])
    rules = {f"withheld {code}" for code in (*decision_rules.WITHHOLDING, "not-registered")} | ABOUT_DECISIONS
    assert rules | {*decision_rules.WARNING, "decision-version-unknown", "not-registered"} <= set(seen)


# ---- on disk ----


def write(folder, case):
    """The case as a site and a snapshot file."""
    site = Site(folder / "site")
    for index, one in enumerate(case["walked"]):
        one["package"] = f"{one['package'] or 'unpublished'}-{index}" if index % 2 else one["package"] or f"unpublished-{index}"
        one["version"] = one["version"] if one["version"] in ("1.0", "1.0.0", "2.0") else "2.0rc1"
        if any(one["package"] == other["package"] for other in case["walked"][:index]):
            one["package"] += f"-{index}"
        site.add(one["package"], one["version"], {GROUP: {one["name"]: one["value"]}})
    answer = case["answer"]
    if answer is None:
        return {**case, "site": str(site.folder), "snapshot": str(folder / "missing.snapshot")}
    rows = [{**row, "settings": json.dumps(row["settings"]) if row.get("settings") else None} for row in answer["decisions"] or ()]
    records = [{key: one[key] for key in ("name", "value", "package", "version", "source", "origin")} for one in answer["records"]]
    path = folder / "a.snapshot"
    path.write_bytes(snapshot({GROUP: records}, decisions=None if answer["decisions"] is None else rows, listed=answer["listed"]))
    return {**case, "site": str(site.folder), "snapshot": str(path)}


def sorted_by_name(case):
    """The walk has the order of a directory: the names decide here."""
    return sorted((one["name"], one["value"], one["package"] or "", one["source"]) for one in case)


@pytest.mark.parametrize("begin", range(0, 200, 50))
def test_the_same_from_files(driver, tmp_path, begin):
    for number in range(begin, begin + 50):
        folder = tmp_path / str(number)
        folder.mkdir()
        case = write(folder, random_case(f"file-{number}"))
        given, want = driver.ask({key: case[key] for key in ("group", "mode", "enforce", "site", "snapshot")}), expected(case, True)
        assert given["is_stable"] and given["is_whole"], case
        assert sorted_by_name(given["records"]) == sorted_by_name(want["records"]), case
        assert given["withheld"] == want["withheld"], case
        assert [code for code in given["diagnostics"] if code in ABOUT_DECISIONS and code != "withheld"] == want["diagnostics"]


# ---- one by one ----

PRELUDE = """
import json, os, sys, time
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")]
import registryclient
from registryclient import entry_points
def say(*values):
    print(json.dumps(values))
def names(group="app.plugins"):
    return sorted(one.name for one in entry_points(group=group))
def told():
    return [[one.code, one.is_error] for one in registryclient.diagnostics()]
"""
CRM = {"name": "crm", "value": "crm:x", "package": "acme-crm", "version": "1.0", "source": "registry"}
HR = {"name": "hr", "value": "hr:x", "package": "acme-hr", "version": "1.0", "source": "registry"}
DISABLED = {"group": GROUP, "package": "acme-crm", "name": "crm", "code": "disabled", "message": "It was switched off.",
            "since": "2026-11-30T12:00:00Z", "by": "admin:ops"}  # fmt: skip
SETTINGS = {"group": GROUP, "package": "acme-hr", "code": "settings", "settings": '{"page":50}'}


@pytest.fixture
def place(tmp_path):
    site = Site(tmp_path / "site")
    site.add("acme-crm", "1.0", {GROUP: {"crm": "crm:x"}}, {"crm.py": "x = 'crm'\n"})
    site.add("acme-hr", "1.0", {GROUP: {"hr": "hr:x"}}, {"hr.py": "x = 'hr'\n"})
    return tmp_path


def run(place, code, raw, **options):
    (place / "a.snapshot").write_bytes(raw)
    options.setdefault("REGISTRYD_SNAPSHOT", place / "a.snapshot")
    done = run_python("-c", PRELUDE + code, place / "a.snapshot", PYTHONPATH=place / "site", **options)
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_withheld_plugin_is_named_with_who_when_why_and_what_to_do(place):
    ((found, rows),) = run(place, """
found = names(), names()
say(found[0], [[one.code, one.where, one.message, one.hint] for one in registryclient.diagnostics()])
""", snapshot({GROUP: [HR]}, decisions=[DISABLED], environment="production"))  # fmt: skip
    assert found == ["hr"]
    assert rows == [["withheld", str(place / "site/acme_crm-1.0.dist-info"),
                     '"crm" of acme-crm 1.0 is withheld (disabled): It was switched off. Decided by admin:ops at 2026-11-30T12:00:00Z.',
                     "Enable it: registryctl environment enable default acme-crm"]]  # fmt: skip


@pytest.mark.parametrize("mode", ["walk-first", "registry-first", "compare", "registry"])
def test_settings_come_in_every_mode_that_asks(place, mode):
    raw = snapshot({GROUP: [{**HR, "settings": SETTINGS["settings"]}]}, decisions=[SETTINGS])
    ((attached, by_name, none),) = run(place, """
say(entry_points(group="app.plugins")["hr"].registry.settings, registryclient.settings("Acme.HR"), registryclient.settings("acme-crm"))
""", raw, REGISTRYD_MODE=mode)  # fmt: skip
    assert [attached, by_name, none] == [{"page": 50}, {"page": 50}, {}]


def test_settings_of_a_package_that_is_not_installed_and_of_an_earlier_snapshot(place):
    remote = {"group": GROUP, "package": "far-away", "code": "settings", "settings": '{"a":[1]}'}
    code = "first = registryclient.settings('far_away'); first['a'] = 2; say(first, registryclient.settings('far-away'), told())"
    assert run(place, code, snapshot({}, decisions=[remote])) == [[{"a": 2}, {"a": [1]}, []]]
    earlier = snapshot({GROUP: [{**HR, "package": "far-away", "settings": '{"a":[1]}'}]}, version=2)
    assert run(place, code, earlier)[0][1] == {"a": [1]}
    assert run(place, "say(registryclient.settings('x'), told())", snapshot({}, settings_left_out=True)) == [
        [{}, [["settings-left-out", False]]]]  # fmt: skip
    assert run(place, "say(registryclient.settings('x'), told())", b"", REGISTRYD_MODE="walk") == [
        [{}, [["decisions-not-asked", False]]]]  # fmt: skip


@pytest.mark.parametrize("level, found, told", [
    ("on", ["hr"], ["withheld"]), ("strict", ["hr"], ["withheld"]), ("warn", ["crm", "hr"], ["enforce-warn"]),
    ("off", ["crm", "hr"], ["enforce-off"]), ("never", ["hr"], ["enforce-unknown", "withheld"])])  # fmt: skip
def test_the_level_of_the_environment(place, level, found, told):
    code = "say(names(), [code for code, _ in told()], [one.code for one in entry_points(group='app.plugins')['hr'].registry.warnings])"
    raw = snapshot({GROUP: [HR]}, decisions=[DISABLED])
    assert run(place, code, raw, REGISTRYD_ENFORCE=level) == [[found, told, []]]


def test_strictness_is_about_groups_that_the_registry_knows_or_the_host_named(place):
    known = {**HR, "package": "acme-hr"}
    code = "say(names()); registryclient.configure(groups=['app.plugins']); say(names(), [code for code, _ in told()])"
    options = {"REGISTRYD_ENFORCE": "strict"}
    assert run(place, code, snapshot({GROUP: [known]}, decisions=(), listed=True), **options) == [[["hr"]], [["hr"], ["withheld"]]]
    assert run(place, code, snapshot({}, decisions=(), listed=True), **options) == [[["crm", "hr"]], [[], ["withheld", "withheld"]]]
    code = "say([one.code for one in entry_points(group='app.plugins')['crm'].registry.warnings])"
    assert run(place, code, snapshot({}, decisions=(), listed=True), **options) == [[["not-registered"]]]


def test_the_level_of_the_program_comes_first(place):
    code = """
registryclient.configure(enforce="off")
say(names())
try:
    registryclient.configure(enforce="never")
except registryclient.RegistryError as error:
    say(error.code, str(error))
"""
    found, (kind, message) = run(place, code, snapshot({GROUP: [HR]}, decisions=[DISABLED]), REGISTRYD_ENFORCE="strict")
    assert found == [["crm", "hr"]] and kind == "usage" and "strict, on, warn or off" in message


def test_a_snapshot_that_is_too_old_still_answers_and_says_so_once(place):
    raw = snapshot({GROUP: [HR]}, decisions=[DISABLED], made_at=int(time.time()) - 40 * 86400)
    code = "say(names(), names(), [row for row in told() if row[0] != 'withheld'])"
    for mode in ("walk-first", "registry"):
        ((found, again, rows),) = run(place, code, raw, REGISTRYD_MODE=mode)
        assert found == again == ["hr"] and rows == [["snapshot-too-old", True]]
    assert run(place, "say(names(), told())", snapshot({GROUP: [HR]}, decisions=(), max_age=0, made_at=1)) == [[["crm", "hr"], []]]


def test_a_running_program_sees_a_quarantine_when_its_snapshot_is_replaced(place):
    (place / "next").write_bytes(snapshot({GROUP: [HR]}, decisions=[DISABLED], serial=2))
    code = """
import importlib.metadata
registryclient.install("walk-first")
ours = lambda: [sorted(one.name for one in importlib.metadata.entry_points(group="app.plugins")), names()]
say(ours())
os.replace(os.path.join(os.path.dirname(sys.argv[1]), "next"), sys.argv[1])
begin = time.monotonic()
while ours()[0] != ["hr"] and time.monotonic() < begin + 10:
    time.sleep(0.05)
say(ours(), time.monotonic() - begin)
"""
    (before,), (after, seconds) = run(place, code, snapshot({GROUP: [CRM, HR]}, decisions=()))
    assert before == [["crm", "hr"], ["crm", "hr"]] and after == [["hr"], ["hr"]] and seconds < 4


def test_a_broken_block_of_decisions_is_told(place):
    raw = bytearray(snapshot({GROUP: [HR]}, decisions=[DISABLED]))
    raw[-20] ^= 1
    ((found, rows),) = run(place, "say(names(), told())", bytes(raw))
    assert found == ["crm", "hr"] and rows == [["decisions-unknown", False]]


CACHED = """
registryclient.configure(environment="prod")
say(names(), told())
"""


def test_an_unknown_environment_gets_the_decisions_of_default_and_an_error(place):
    options = {"REGISTRYD_CACHE_DIR": place / "cache", "REGISTRYD_SNAPSHOT": None, "REGISTRYD_URL": "http://127.0.0.1:9"}
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/snapshot", snapshot({GROUP: [HR]}, decisions=[DISABLED]), headers={"Content-Type": MEDIA_TYPE})
        options["REGISTRYD_URL"] = registry.url
        run_python("-c", "import registryclient; assert registryclient.Registry(facts={}).refresh()", **options)
    assert run(place, CACHED, b"", **options) == [[["hr"], [["environment-unknown", True], ["withheld", False]]]]
    strict = PRELUDE + """
import importlib.metadata
def failed(call, *arguments, **named):
    try:
        return sorted(one.name for one in call(*arguments, **named))
    except registryclient.RegistryError as error:
        return error.code
registryclient.install("registry-first", environment="prod")
say(failed(entry_points, group="app.plugins"), failed(importlib.metadata.entry_points, group="app.plugins"), failed(entry_points))
"""
    done = run_python("-c", strict, PYTHONPATH=place / "site", REGISTRYD_STRICT="1", **options)
    assert json.loads(done.out) == ["not-found"] * 3


# ---- code of another version ----

OF_ONE_VERSION = {**DISABLED, "code": "quarantined", "version": "1.0", "message": "It steals keys."}
EARLIER = {**CRM, "version": "0.9"}
LOADS = """
def load(one):
    try:
        return one.load()
    except ImportError as error:
        return str(error)
"""


@pytest.mark.parametrize("mode", ["registry", "registry-first", "walk-first"])
def test_an_installed_version_that_is_withheld_is_not_loaded_for_another_one(place, mode):
    """The registry gives 0.9, and 1.0 is installed: importing the module would run 1.0."""
    code = LOADS + "say([[one.registry.version, load(one)] for one in entry_points(group='app.plugins') if one.name == 'crm'])"
    (((version, told),),) = run(place, code, snapshot({GROUP: [EARLIER]}, decisions=[OF_ONE_VERSION]), REGISTRYD_MODE=mode)[0]
    assert version == "0.9" and "the version 1.0 that is here is withheld (quarantined): It steals keys" in told
    allowed = run(place, code, snapshot({GROUP: [EARLIER]}, decisions=[{**OF_ONE_VERSION, "version": "0.8"}]), REGISTRYD_MODE="registry")
    assert allowed == [[[["0.9", "crm"]]]]
    off = run(place, code, snapshot({GROUP: [EARLIER]}, decisions=[OF_ONE_VERSION]), REGISTRYD_MODE="registry", REGISTRYD_ENFORCE="off")
    assert off == [[[["0.9", "crm"]]]]


def test_it_holds_for_records_of_a_cached_snapshot(place):
    code = LOADS + "say([[one.version, load(one)] for one in registryclient.Registry(snapshot=sys.argv[1]).lookup('app.plugins')])"
    (((version, told),),) = run(place, code, snapshot({GROUP: [EARLIER]}, decisions=[OF_ONE_VERSION]))[0]
    assert version == "0.9" and "is withheld (quarantined)" in told
    assert run(place, code, snapshot({GROUP: [EARLIER]}, decisions=())) == [[[["0.9", "crm"]]]]


@pytest.mark.parametrize("mode", ["registry", "registry-first"])
def test_a_version_in_a_root_that_is_withheld_is_not_loaded_for_another_one(tmp_path, mode):
    folder = tmp_path / "plugins" / "crm"
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text("name: crm\nversion: 1.0.0\n")
    (folder / "__init__.py").write_text("manifest = {'name': 'crm', 'version': '1.0.0'}\n")
    code = PRELUDE + LOADS + """
from registryclient import Registry
from registryclient.hosts.honeyframe import discover_plugins
registry = Registry(roots=[("install", sys.argv[1])])
say([[one.source, one.version, load(one)] for one in registry.discover("honeyframe.plugins") if one.shadowed_by is None])
say([[one.state, one.errors] for one in discover_plugins(registry)][-1])
"""
    row = {**OF_ONE_VERSION, "group": "honeyframe.plugins", "package": "crm"}
    record = {"group": "honeyframe.plugins", "name": "crm", "value": "plugins.crm:manifest", "package": "crm", "version": "0.9",
              "source": "registry", "label": None, "origin": "/v1/packages/crm/releases/0.9", "manifest": {"name": "crm", "version": "0.9"},
              "warnings": [], "errors": [], "shadowed_by": None}  # fmt: skip
    for decisions, is_refused in (([row], True), ([], False)):
        with FakeRegistry() as registry:
            registry.answer("GET", "/v1/resolve", {**answer(decisions), "records": [record]})
            done = run_python("-c", code, tmp_path / "plugins", PYTHONPATH=tmp_path, REGISTRYD_URL=registry.url, REGISTRYD_MODE=mode)
        ((found,),), ((state, errors),) = (json.loads(line) for line in done.out.splitlines())
        source, version, told = found
        assert [source, version] == ["registry", "0.9"]
        assert ("is withheld (quarantined)" in str(told)) == is_refused
        expected = {"registry": "error", "registry-first": "withheld"}[mode] if is_refused else "ok"
        assert state == expected and ("It steals keys" in str(errors)) == is_refused, done.out


# ---- Registry ----

DISCOVER = """
from registryclient import Registry, errors
registry = Registry(roots=[("install", sys.argv[2])], convention="dist-info", facts={})
found = registry.discover("app.plugins")
say([one.name for one in found], [[one.name, one.label, one.ok, one.errors[0].code, one.errors[0].hint] for one in found.withheld])
say([one.to_dict() for one in found.decisions], type(found).__name__, found.withheld[0].origin)
say([[one.code, one.package, one.name, one.by] for one in registry.decisions("app.plugins")])
say([one.name for one in Registry(roots=registry.roots, convention="dist-info", enforce="off").discover("app.plugins")])
try:
    Registry(enforce="never").discover("app.plugins")
except errors.UsageError as error:
    say(str(error))
import pickle
say(pickle.loads(pickle.dumps(found.withheld[0])) == found.withheld[0], pickle.loads(pickle.dumps(found.decisions)) == found.decisions)
"""


def answer(decisions, **more):
    """An answer of /v1/resolve."""
    rows = [{"version": None, "by_name": False, **one} for one in decisions]
    return {"environment": "default", "revision": 1, "groups": [GROUP], "records": [], "decisions": rows, "known": [],
            "policy": {"plugins": "all", "max_snapshot_age_seconds": 2592000}, "settings": "included", **more}  # fmt: skip


def test_a_discovery_lists_what_is_withheld(place):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", answer([DISABLED]))
        done = run_python("-c", PRELUDE + DISCOVER, "", place / "site", REGISTRYD_URL=registry.url)
    (names, withheld), (rows, kind, origin), (decisions,), all_names, (usage,), same = map(json.loads, done.out.splitlines())
    hint = "Enable it: registryctl environment enable default acme-crm"
    assert names == ["hr"] and withheld == [["crm", "install", False, "disabled", hint]]
    assert rows == [{**DISABLED, "version": None, "pin": None, "settings": None, "by_name": False,
                     "entry_only": False, "successor": None}]  # fmt: skip
    assert kind == "Discovery" and origin.endswith("acme_crm-1.0.dist-info")
    assert decisions == [["disabled", "acme-crm", "crm", "admin:ops"]]
    assert all_names == [["crm", "hr"]]
    assert "strict, on, warn or off" in usage and same == [True, True]


def test_decisions_of_the_snapshot_when_the_registry_is_away(place):
    code = PRELUDE + """
from registryclient import Registry, errors
registry = Registry("http://127.0.0.1:9")
try:
    say([one.code for one in registry.decisions("app.plugins")], registry.state()["decision_count"], registry.state()["is_too_old"])
except errors.RegistryError as error:
    say(error.code)
"""
    assert run(place, code, snapshot({GROUP: [HR]}, decisions=[DISABLED])) == [[["disabled"], 1, False]]
    assert run(place, code, snapshot({GROUP: [HR]}, version=2)) == [["unreachable"]]
    old = snapshot({}, decisions=[DISABLED], made_at=int(time.time()) - 40 * 86400)
    assert run(place, code, old) == [[["disabled"], 1, True]]


def test_an_unknown_environment_can_be_an_exception(place):
    code = PRELUDE + """
from registryclient import Registry, errors
for strict in (False, True):
    registry = Registry(environment="prdo", roots=[sys.argv[2]], convention="dist-info", strict=strict)
    try:
        say([[one.code, one.is_error] for one in registry.discover("app.plugins").diagnostics])
    except errors.NotFoundError as error:
        say(error.code)
"""
    with FakeRegistry() as registry:
        registry.problem("GET", "/v1/resolve", 404, "not-found", 'There is no environment "prdo"', where="?environment")
        told = run_python("-c", code, "", place / "site", REGISTRYD_URL=registry.url).out.splitlines()
    assert ["environment-unknown", True] in json.loads(told[0])[0] and json.loads(told[1]) == ["not-found"]


def test_the_doctor_says_when_decisions_do_not_hold():
    checks = json.loads(run_python("-m", "registryclient", "--format", "json", "doctor", code=None, REGISTRYD_ENFORCE="off").out)
    assert [one["state"] for one in checks if "REGISTRYD_ENFORCE" in one["message"]] == ["warning"]
    checks = json.loads(run_python("-m", "registryclient", "--format", "json", "doctor", code=None, REGISTRYD_ENFORCE="never").out)
    assert [one["state"] for one in checks if "REGISTRYD_ENFORCE" in one["message"]] == ["error"]


