# SPDX-License-Identifier: MIT
"""What the Python package changes in a registry: Registry.publish, enable, disable, pin, settings, report; and
search and explain. Against a registryd, and `python -m registryclient` against registryctl."""

import json

import pytest
from support.artifacts import wheel
from support.daemon import SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.python_program import run_python
from support.registryctl import registryctl

TREES = SOURCE_DIR / "tests" / "trees"
PLUGINS = TREES / "good" / "install"
BROKEN = next((TREES / "broken_yaml" / "install").iterdir())
GROUP = "honeyframe.plugins"
NOBODY = "http://127.0.0.1:9"
PRELUDE = """
import json, sys
import registryclient
from registryclient import Registry, errors
def say(*values):
    print(json.dumps(values))
def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except errors.RegistryError as error:
        return [type(error).__name__, error.code, [finding.code for finding in error.findings]]
registry = Registry(environment="lab")
"""


@pytest.fixture(scope="module")
def lab(daemon):
    """A registry with an environment of that name."""
    assert daemon.put("/v1/environments/lab", {}).status == 201
    return daemon


def run(daemon, code, *arguments, token=None, **options):
    token = daemon.publisher_token if token is None else token
    done = run_python("-c", PRELUDE + code, *arguments, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=token, **options)
    return [json.loads(line) for line in done.out.splitlines()]


def test_publishing_a_directory_and_a_wheel(lab, tmp_path):
    name, raw = wheel("py-billing", "2.0", "[py.plugins]\nbilling = py_billing:x\n")
    (tmp_path / name).write_bytes(raw)
    first, again, built, found = run(lab, """
from pathlib import Path
say(*registry.publish(sys.argv[1])[:4])
say(*registry.publish(Path(sys.argv[1]))[:3])
made = registry.publish(sys.argv[2])
say(made.package, made.version, made.created, made.url, isinstance(made, registryclient.Published))
say([[one.name, one.package, one.version] for one in registry.resolve("honeyframe.plugins", "py.plugins")])
""", PLUGINS / "crm", tmp_path / name)  # fmt: skip
    assert first[:3] == ["crm", "0.1.0", True] and first[3] > 0
    assert again == ["crm", "0.1.0", False]
    assert built[:3] == ["py-billing", "2.0", True] and built[3].endswith(name) and built[4]
    assert found == [[["crm", "crm", "0.1.0"], ["billing", "py-billing", "2.0"]]]


def test_what_cannot_be_published_is_an_exception_that_says_everything(lab, tmp_path):
    name, raw = wheel("py-billing", "2.0", "[py.plugins]\nother = py_billing:x\n")
    (tmp_path / name).write_bytes(raw)
    (tmp_path / "empty").mkdir()
    broken, nothing, conflict, kept = run(lab, """
import pickle
say(refused(registry.publish, sys.argv[1]))
say(refused(registry.publish, sys.argv[2]))
say(refused(registry.publish, sys.argv[3]))
try:
    registry.publish(sys.argv[1])
except errors.InvalidError as error:
    copy = pickle.loads(pickle.dumps(error))
    say(copy.findings == error.findings, str(copy) == str(error))
""", BROKEN, tmp_path / "empty", tmp_path / name)  # fmt: skip
    assert broken[0][:2] == ["InvalidError", "invalid"] and "malformed" in broken[0][2]
    assert nothing[0][:2] == ["UsageError", "usage"]
    assert conflict[0][:2] == ["ConflictError", "conflict"]
    assert kept == [True, True]


def test_who_has_no_token_or_no_registry(lab):
    (refused,) = run(lab, "say(refused(registry.publish, sys.argv[1]), refused(registry.disable, 'crm'))", PLUGINS / "finance", token="")
    assert [one[:2] for one in refused] == [["UnauthorizedError", "unauthorized"]] * 2
    script = PRELUDE + "say(refused(registry.publish, sys.argv[1]), refused(registry.search), refused(registry.explain, 'g'))"
    away = json.loads(run_python("-c", script, PLUGINS / "crm", REGISTRYD_URL=NOBODY).out)
    assert [one[1] for one in away] == ["unreachable"] * 3


def test_changing_an_environment(lab):
    disabled, same, enabled, pinned, settings, read, odd = run(lab, """
def shown(change):
    return [change.environment, change.changed, change.summary]
say(shown(registry.disable("crm")), len(registry.resolve("honeyframe.plugins")))
say(shown(registry.disable("CRM")))
say(shown(registry.enable("crm", pin="<1")), [one.name for one in registry.resolve("honeyframe.plugins")])
say(shown(registry.pin("crm", "~=0.1")), shown(registry.pin("crm", None)))
say(registry.settings("crm", {"page_size": 50, "deep": {"a": 1}}), registry.settings("crm", {"deep": None}))
say(refused(registry.settings, "C_R-M")[1], registry.settings("crm", group="honeyframe.plugins"), registry.resolve("honeyframe.plugins")[0].settings)
say(refused(registry.pin, "crm", "no pin"), refused(registry.enable, "not-there"))
""")  # fmt: skip
    assert disabled[0][:2] == ["lab", True] and "disabled crm" in disabled[0][2] and disabled[1] == 0
    assert same[0][:2] == ["lab", False]
    assert enabled[0][1] is True and enabled[1] == ["crm"]
    assert "~=0.1" in pinned[0][2] and "pin" in pinned[1][2]
    assert settings == [{"page_size": 50, "deep": {"a": 1}}, {"page_size": 50}]
    assert read == ["not-found", {"page_size": 50}, {"page_size": 50}]
    assert [one[1] for one in odd] == ["invalid", "not-found"]


def test_the_environment_is_that_of_the_variable(lab):
    script = PRELUDE.replace('environment="lab"', "") + "say(registry.enable('crm').environment)"
    token = {"REGISTRYD_URL": lab.url, "REGISTRYD_TOKEN": lab.publisher_token}
    assert json.loads(run_python("-c", script, REGISTRYD_ENVIRONMENT="lab", **token).out) == ["lab"]
    assert json.loads(run_python("-c", script, **token).out) == ["default"]


def test_searching_and_explaining(lab):
    lab.put("/v1/packages/py-future/releases/1.0", {
        "name": "py-future", "version": "1.0", "requires_python": ">=99", "entry_points": {"py.plugins": {"future": "f:x"}}})  # fmt: skip
    found, none, page, explained, raw = run(lab, """
registry = Registry()
say([one["name"] for one in registry.search("billing").packages], registry.search(groups=["py.plugins"]).total)
say(registry.search("zzzz-nothing").packages, registry.search(status="archived").total)
page = registry.search(limit=1)
say(len(page.packages), page.total >= 3)
told = registry.explain("py.plugins")
say([one.name for one in told.records], [[one.package, one.code] for one in told.excluded])
say([one.to_dict() for one in told.records] == [one.to_dict() for one in registry.resolve("py.plugins")])
""")  # fmt: skip
    assert found == [["py-billing"], 2] and none == [[], 0] and page == [1, True]
    assert explained == [["billing"], [["py-future", "requires-python"]]] and raw == [True]


def test_reporting(lab):
    (told,) = run(lab, """
registry = Registry(environment="lab", roots=[("install", sys.argv[1])])
answer = registry.report(registry.compare("honeyframe.plugins"), host="from-a-program")
say(answer["host"], answer["environment"], answer["groups"][0]["group"])
""", PLUGINS)  # fmt: skip
    assert told == ["from-a-program", "lab", GROUP]


def test_an_interrupt_ends_a_publication():
    script = PRELUDE + """
import os, signal, threading, time
def interrupt(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, interrupt)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
begin = time.monotonic()
try:
    registry.publish(sys.argv[1])
except KeyboardInterrupt:
    say(time.monotonic() - begin < 5)
"""
    with FakeRegistry() as registry:
        registry.answer("POST", "/v1/artifacts", {}, delay_seconds=20)
        assert json.loads(run_python("-c", script, PLUGINS / "crm", REGISTRYD_URL=registry.url).out) == [True]


# ---- python -m registryclient ----


def assert_same(daemon, mine, theirs, code=0):
    """Both programs, as table and as JSON, with the same output and exit code."""
    for output in ("table", "json"):
        settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
        told = run_python("-m", "registryclient", "--format", output, *mine, code=None, **settings)
        expected = registryctl("--format", output, *theirs, **settings)
        assert [told.code, expected.code] == [code, code], (told, expected)
        if output == "json":
            assert json.loads(told.out) == expected.json
        else:
            assert told.out == expected.out
    return told


def test_publish_is_that_of_registryctl(lab):
    run_python("-m", "registryclient", "publish", PLUGINS / "finance", REGISTRYD_URL=lab.url, REGISTRYD_TOKEN=lab.publisher_token)
    assert_same(lab, ["publish", PLUGINS / "crm", PLUGINS / "finance"], ["publish", PLUGINS / "crm", PLUGINS / "finance"])
    told = assert_same(lab, ["publish", BROKEN, PLUGINS / "crm"], ["publish", BROKEN, PLUGINS / "crm"], code=3)
    assert "was not published" in told.err and "malformed" in told.err


def test_publish_gives_up_where_every_path_would_fail():
    told = run_python("-m", "registryclient", "--format", "json", "publish", PLUGINS / "crm", PLUGINS / "finance", code=4, REGISTRYD_URL=NOBODY)
    assert [one["outcome"] for one in json.loads(told.out)] == ["failed", "not sent"]


def test_search_and_explain_are_those_of_registryctl(lab):
    assert_same(lab, ["search", "billing"], ["search", "billing"])
    assert_same(lab, ["search", "--require", "zzzz-nothing"], ["search", "--require", "zzzz-nothing"], code=1)
    assert_same(lab, ["search", "--limit", "1"], ["search", "--limit", "1"])
    told = run_python("-m", "registryclient", "--format", "json", "explain", "py.plugins", REGISTRYD_URL=lab.url)
    expected = registryctl("--format", "json", "resolve", "--explain", "--python", "3.11", "py.plugins", REGISTRYD_URL=lab.url).json
    answer = json.loads(told.out)
    assert [one["name"] for one in answer["records"]] == [one["name"] for one in expected["records"]] == ["billing"]
    assert [one["code"] for one in answer["excluded"]] == [one["code"] for one in expected["excluded"]] == ["requires-python"]
    table = run_python("-m", "registryclient", "--format", "table", "explain", "py.plugins", REGISTRYD_URL=lab.url).out
    assert "Excluded  1 release\n" in table and "requires-python" in table


def test_enable_and_disable_change_the_environment_that_is_named(lab):
    settings = {"REGISTRYD_URL": lab.url, "REGISTRYD_TOKEN": lab.publisher_token}
    off = run_python("-m", "registryclient", "--environment", "lab", "--format", "table", "disable", "finance", **settings)
    assert off.out.startswith("lab is at revision ") and "disabled finance" in off.out
    again = run_python("-m", "registryclient", "--environment", "lab", "--format", "table", "disable", "finance", **settings)
    assert "no change was needed" in again.out
    on = run_python("-m", "registryclient", "--environment", "lab", "--format", "json", "enable", "finance", "--pin", ">=1", **settings)
    assert json.loads(on.out)["changed"] is True
    document = lab.get("/v1/environments/lab").json["document"]
    assert document["plugins"]["finance"] == {"enabled": True, "pin": ">=1"}
    refused = run_python("-m", "registryclient", "disable", "finance", code=3, REGISTRYD_URL=lab.url)
    assert "token" in refused.err
