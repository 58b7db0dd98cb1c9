# SPDX-License-Identifier: MIT
"""`python -m registryclient`: what registryctl answers, for those who do not have it."""

import json
import platform
import re
import subprocess

import pytest
from support.daemon import SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.python_program import PYTHON, python_environment, run_python
from support.registryctl import registryctl
from support.sites import Site

EXAMPLES = SOURCE_DIR / "docs" / "examples"
TREES = SOURCE_DIR / "tests" / "trees"
ROOTS = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]
NOBODY = "http://127.0.0.1:9"


def ours(*arguments, **options):
    """With JSON, unless the arguments name another format."""
    named = [] if "--format" in arguments else ["--format", "json"]
    return run_python("-m", "registryclient", *named, *arguments, **options)


@pytest.fixture(scope="module")
def published(daemon):
    token = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
    registryctl("publish", "--all", *ROOTS, EXAMPLES / "mountaineer/projects", **token)
    registryctl("publish", EXAMPLES / "packages/honeyframe-analytics", **token)
    return daemon


def assert_same(daemon, *arguments):
    """Both programs, as table and as JSON: the same output and exit code."""
    for output in ("table", "json"):
        told = ours("--format", output, *arguments, code=None, REGISTRYD_URL=daemon.url)
        expected = registryctl("--format", output, *arguments, REGISTRYD_URL=daemon.url)
        assert told.code == expected.code, (told, expected)
        if output == "json":
            assert json.loads(told.out) == expected.json
        else:
            assert told.out == expected.out
    return told.code


@pytest.mark.parametrize("arguments, code", [
    (["resolve", "honeyframe.plugins", "mountaineer.plugins"], 0),
    (["resolve", "--require", "mountaineer.plugins", "--python", "3.9"], 0),
    (["walk", *ROOTS], 0),
    (["walk", "--convention", "plugin-yaml", *ROOTS], 0),
    (["compare", "honeyframe.plugins", *ROOTS], 1),
    (["compare", "--strict", "mountaineer.plugins", EXAMPLES / "mountaineer/projects"], 0),
    (["compare", "honeyframe.plugins", EXAMPLES / "install/plugins"], 1),
])  # fmt: skip
def test_it_answers_as_registryctl(published, arguments, code):
    assert assert_same(published, *arguments) == code


TREE_NAMES = sorted(path.name for path in TREES.iterdir() if (path / "install").is_dir())


@pytest.mark.parametrize("tree", TREE_NAMES[::6])
def test_it_walks_the_trees_as_registryctl(published, tree):
    assert_same(published, "walk", *sorted(path for path in (TREES / tree).iterdir() if path.name in ("install", "data")))


def test_what_steers_a_terminal_is_shown_as_an_escape(tmp_path):
    Site(tmp_path / "site").add("demo", "1.0", {"demo": {"a\x1b[31m": "demo:x", "宽字": "demo:wide", "e\u0301": "demo:y"}})
    told = ours("walk", "--format", "table", tmp_path / "site").out
    assert told == registryctl("--format", "table", "walk", tmp_path / "site").out
    assert "\x1b" not in told and "宽字" in told


@pytest.mark.parametrize("arguments, code, says", [
    (["resolve", "demo"], 4, "No server answers at http://127.0.0.1:9"),
    (["compare", "demo", "."], 4, "No server answers"),
    (["walk", "/not/there"], 2, "/not/there"),
    (["walk", "--convention", "nobody-has-it", "."], 2, "nobody-has-it"),
    (["resolve"], 2, "GROUP"),
    (["fly"], 2, "fly"),
    ([], 2, "COMMAND"),
    (["--timeout", "soon", "resolve", "demo"], 2, "--timeout"),
])  # fmt: skip
def test_an_error_is_told_on_stderr_and_by_the_exit_code(tmp_path, arguments, code, says):
    told = ours(*arguments, code=code, cwd=tmp_path, REGISTRYD_URL=NOBODY)
    assert told.out == "" and says in told.err and "Traceback" not in told.err


def test_nothing_where_something_is_demanded(published, tmp_path):
    url = {"REGISTRYD_URL": published.url}
    assert ours("resolve", "--require", "--format", "table", "nobody.has.it", code=1, **url).out == "nobody.has.it  no entry points match\n"
    assert ours("walk", "--require", tmp_path, code=1).out == "[]\n"
    assert ours("walk", "--format", "table", tmp_path).out == "No plugins were found.\n"


def test_a_refusal_is_three():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"code": "forbidden", "title": "No", "detail": "Not for you"}, status=403)
        told = ours("resolve", "demo", code=3, REGISTRYD_URL=registry.url)
    assert "Not for you" in told.err


def test_options_stand_before_or_after_the_command(published):
    before = ours("--url", published.url, "--format", "table", "resolve", "mountaineer.plugins").out
    assert before == ours("resolve", "mountaineer.plugins", "--url", published.url, "--format", "table").out
    assert "mountaineer-notes" in before


def test_help_and_version():
    told = ours("--help").out
    for word in ("resolve", "walk", "compare", "facts", "doctor", "--environment", "cannot be reached"):
        assert word in told
    assert ours("--version").out.startswith("registryclient ")
    assert "GROUP" in ours("compare", "--help").out


def test_who_reads_may_go_away():
    command = [PYTHON, "-m", "registryclient", "walk", *ROOTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=python_environment()) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() in (0, 5)


def test_an_answer_that_cannot_be_written_is_a_fault():
    with open("/dev/full", "w") as full:
        done = subprocess.run([PYTHON, "-m", "registryclient", "walk", *ROOTS], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=python_environment())  # fmt: skip
    assert done.returncode == 5
    assert done.stderr == "registryclient: The answer could not be written: No space left on device\n"


def test_facts_are_those_of_this_python():
    facts = json.loads(ours("facts").out)
    assert facts["python"] == platform.python_version()  # the interpreter of the tests is the same one
    assert facts["markers"]["sys_platform"] == "linux"
    assert "pytest" in facts["have"]
    assert facts == registryctl("--format", "json", "environment", "facts", "--python", PYTHON).json


# ---- compare --report ----

INSTALL_ROOT = f"install={EXAMPLES}/install/plugins"


def report(url, *arguments, code=1, **options):
    """Compares a host that differs from the registry, and reports it."""
    return ours("compare", "--report", *arguments, "honeyframe.plugins", INSTALL_ROOT, code=code, REGISTRYD_URL=url, **options)


def test_a_report_is_that_of_registryctl(published):
    token = {"REGISTRYD_TOKEN": published.admin_token}
    told = report(published.url, "--host", "from-python", **token)
    assert not json.loads(told.out)["equal"]
    registryctl("compare", "--report", "--host", "from-c", "honeyframe.plugins", INSTALL_ROOT, REGISTRYD_URL=published.url, **token)
    rows = published.get("/v1/transition?group=honeyframe.plugins").json["groups"][0]["hosts"]
    told = [{key: value for key, value in row.items() if key != "host" and not key.endswith(("_at", "since"))} for row in rows]
    assert {row["host"] for row in rows} == {"from-c", "from-python"} and told[0] == told[1]


def test_what_is_sent_is_what_registryctl_sends():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": []})
        registry.answer("POST", "/v1/reports", {"warnings": []})
        report(registry.url, "--host", "one", "--for", "2d", REGISTRYD_TOKEN="secret")
        registryctl("compare", "--report", "--host", "one", "--for", "2d", "honeyframe.plugins", INSTALL_ROOT,
                    REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="secret")  # fmt: skip
    mine, theirs = [one for one in registry.requests if one.method == "POST"]
    assert json.loads(mine.body) == json.loads(theirs.body) and json.loads(mine.body)["for_seconds"] == 172800
    assert mine.headers["Authorization"] == theirs.headers["Authorization"] == "Bearer secret"


def test_an_empty_group_is_sent_only_when_it_is_meant_to_be_empty():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": []})
        registry.answer("POST", "/v1/reports", {"warnings": []})
        known = {"REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": "secret"}
        for more in ((), ("--allow-empty",)):
            ours("compare", "--report", "--host", "one", *more, "other.group", INSTALL_ROOT, code=not more, **known)
            registryctl("compare", "--report", "--host", "one", *more, "other.group", INSTALL_ROOT, **known)
    mine, theirs = [json.loads(one.body) for one in registry.requests if one.method == "POST"]
    assert mine == theirs and mine["allow_empty"] is True and mine["reports"][0]["same"] == 0


@pytest.mark.parametrize("duration", ["", "h", "0", "1w", "1.5h", "1hh"])
def test_a_duration_that_is_none_is_a_usage_error(duration):
    assert "duration" in report(NOBODY, "--for", duration, code=2).err


def test_a_host_reports_for_its_environment(published):
    assert published.put("/v1/environments/clinic", {}).status == 201
    options = {"REGISTRYD_TOKEN": published.admin_token, "REGISTRYD_ENVIRONMENT": "clinic"}
    report(published.url, "--host", "of-the-clinic", **options)
    registryctl("compare", "--report", "--host", "of-the-clinic-in-c", "honeyframe.plugins", INSTALL_ROOT,
                REGISTRYD_URL=published.url, **options)  # fmt: skip
    rows = published.get("/v1/transition?group=honeyframe.plugins").json["groups"][0]["hosts"]
    assert {row["host"] for row in rows if row["environment"] == "clinic"} == {"of-the-clinic", "of-the-clinic-in-c"}


def test_a_report_that_is_refused_is_told(published):
    told = report(published.url, code=3)
    assert json.loads(told.out)["same"] and "The report was not stored" in told.err
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": []})
        registry.answer("POST", "/v1/reports", b"<html>", status=502)
        assert "not a registry" in report(registry.url, code=4).err
        registry.replies.pop(("POST", "/v1/reports"))
        registry.answer("POST", "/v1/reports", {}, status=307, headers={"Location": f"{published.url}/v1/reports"})
        assert "redirects are not followed" in report(registry.url, code=4, REGISTRYD_TOKEN=published.admin_token).err


# ---- doctor ----


def doctor(code, **options):
    """{check: (state, message)} of one run."""
    checks = json.loads(ours("doctor", code=code, **options).out)
    assert all(check["hint"] for check in checks if check["state"] != "ok")
    return {check["check"]: (check["state"], check["message"]) for check in checks}


def test_the_doctor_finds_all_well(published, tmp_path):
    kept = {"REGISTRYD_URL": published.url, "REGISTRYD_CACHE_DIR": tmp_path, "REGISTRYD_MODE": "registry"}
    assert doctor(0, **kept)["snapshot"][0] == "warning"
    kept["REGISTRYD_SNAPSHOT"] = tmp_path / "plugins.snapshot"
    registryctl("snapshot", "build", tmp_path / "plugins.snapshot", *ROOTS)
    found = doctor(0, **kept)
    assert {state for state, _ in found.values()} == {"ok"}, found
    assert found["registry"][1] == f"{published.url} answers"
    assert "made from a walk, 1 group, " in found["snapshot"][1] and str(tmp_path) in found["snapshot"][1]
    assert found["settings"][1] == "environment default, mode registry"
    table = ours("doctor", "--format", "table", **kept).out
    assert [line.split()[:2] for line in table.splitlines()][:2] == [["ok", "package"], ["ok", "engine"]]
    away = doctor(0, **{**kept, "REGISTRYD_URL": NOBODY, "REGISTRYD_MODE": "walk"})
    assert away["registry"][0] == "warning"


@pytest.mark.parametrize("pull", ["registryctl", "python"])
def test_the_doctor_sees_the_snapshot_whoever_pulled_it(published, tmp_path, pull):
    kept = {"REGISTRYD_URL": published.url, "REGISTRYD_CACHE_DIR": str(tmp_path)}
    if pull == "python":
        run_python("-c", "import registryclient; assert registryclient.Registry().refresh()", **kept)
    else:
        assert registryctl("snapshot", "pull", **kept).code == 0
    state, message = doctor(0, **kept)["snapshot"]
    assert state == "ok" and re.match(r"serial \d+, \d+ groups, \d+ decisions?, confirmed \d+ seconds? ago, ", message)
    state, message = doctor(0, **{**kept, "REGISTRYD_URL": NOBODY, "REGISTRYD_MODE": "walk"})["snapshot"]
    assert state == "warning" and message.startswith("none: ")
    told = json.loads(ours("--url", NOBODY, "doctor", code=1, **kept).out)
    assert [check["state"] for check in told if check["check"] in ("registry", "snapshot")] == ["error", "warning"]


def test_the_doctor_names_what_is_wrong(tmp_path):
    site = Site(tmp_path / "site")
    site.add("good", "1.0", {"demo": {"good": "good:x"}})
    (site.add("bad", "1.0", {"demo": {"bad": "bad:x"}}) / "entry_points.txt").write_bytes(b"[demo]\nbad = \xff:x\n")
    found = doctor(1, PYTHONPATH=site.folder, REGISTRYD_URL=NOBODY, REGISTRYD_CACHE_DIR=tmp_path)
    assert found["registry"][0] == "error" and "No server answers" in found["registry"][1]
    assert found["distributions"][0] == "error" and "bad-1.0.dist-info" in found["distributions"][1]
    assert doctor(1, REGISTRYD_URL=NOBODY, REGISTRYD_MODE="fly", REGISTRYD_CACHE_DIR=tmp_path)["settings"][0] == "error"


def test_the_doctor_sees_the_hook_and_that_it_is_switched_off(published, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import registryclient\nregistryclient.install()\n")
    options = {"PYTHONPATH": tmp_path, "REGISTRYD_URL": published.url, "REGISTRYD_CACHE_DIR": tmp_path / "cache"}
    assert "is active" in doctor(0, **options)["hook"][1]
    found = doctor(0, REGISTRYD_DISABLE="1", **options)
    assert "not active" in found["hook"][1] and found["settings"][0] == "warning"


def test_the_page_has_every_command_and_option():
    page = (SOURCE_DIR / "docs/PYTHON.md").read_text()
    section = page[page.index("## `python -m registryclient`"):]
    general = ours("--help").out
    commands = re.findall(r"^    ([a-z]+) ", general, re.M)
    assert commands == re.findall(r"^\| `([a-z]+)", section, re.M) and len(commands) == 11
    told = general + "".join(ours(command, "--help").out for command in commands)
    assert set(re.findall(r"--[a-z-]+[a-z]", told)) == set(re.findall(r"--[a-z-]+[a-z]", section))


def test_an_upgrade_of_the_kernel_does_not_change_the_question():
    script = "from registryclient import facts; print(sorted(facts.collect()['markers'].keys() - facts.basic()['markers'].keys()))"
    assert run_python("-c", script).out == "['python_full_version', 'python_version']\n"
    script = "from registryclient import facts; print(sorted(facts.collect(kernel=True)['markers'].keys() - facts.collect()['markers'].keys()))"
    assert run_python("-c", script).out == "['platform_release', 'platform_version']\n"
