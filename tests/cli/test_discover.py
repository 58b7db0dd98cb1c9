# SPDX-License-Identifier: MIT
"""registryctl discover: the modes with real sources, and what is said when one does not answer."""

import time

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import on_terminal, registryctl

GROUP = "honeyframe.plugins"
MODES = ["walk", "walk-first", "registry-first", "registry", "compare"]


def entry(name, version="1.0.0", group=GROUP):
    return {"group": group, "name": name, "value": f"plugins.{name}:manifest", "package": name, "version": version,
            "source": "registry", "label": None, "origin": f"/v1/packages/{name}/releases/{version}",
            "manifest": None, "warnings": [], "errors": [], "shadowed_by": None}


def answer(*decisions, records=None, **members):
    """What GET /v1/resolve says."""
    given = [entry("both", "2.0.0"), entry("remote")] if records is None else records
    return {"records": given, "excluded": [], "decisions": list(decisions), "known": [], **members}


@pytest.fixture
def roots(tmp_path):
    """install: both 1.0.0 and local; data: one broken."""
    for root, name, text in [("install", "both", "name: both\nversion: 1.0.0\n"),
                             ("install", "local", "name: local\nversion: 1.0.0\n"), ("data", "bad", "name: [\n")]:
        (tmp_path / root / name).mkdir(parents=True)
        (tmp_path / root / name / "plugin.yaml").write_text(text)
    return ["--root", f"install={tmp_path}/install", f"--root=data={tmp_path}/data"]


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/resolve", answer())
        yield running


def seen(done):
    """name@version of source, a shadowed one in brackets, a broken one with !."""
    def text(record):
        name = f"{record['name']}@{record['version']} {record['source']}" + ("!" if record["errors"] else "")
        return f"({name})" if record["shadowed_by"] else name

    return [text(record) for record in done.json]


ANSWERS = {
    "walk": ["bad@None walk!", "both@1.0.0 walk", "local@1.0.0 walk"],
    "walk-first": ["bad@None walk!", "(both@2.0.0 registry)", "both@1.0.0 walk", "local@1.0.0 walk",
                   "remote@1.0.0 registry"],
    "registry-first": ["bad@None walk!", "both@2.0.0 registry", "(both@1.0.0 walk)", "local@1.0.0 walk",
                       "remote@1.0.0 registry"],
    "registry": ["both@2.0.0 registry", "remote@1.0.0 registry"],
    "compare": ["bad@None walk!", "both@1.0.0 walk", "local@1.0.0 walk"],
}


@pytest.mark.parametrize("mode", MODES)
def test_who_answers(registry, roots, mode):
    done = registryctl("discover", GROUP, "--mode", mode, *roots, REGISTRYD_URL=registry.url)
    assert done.code == 0
    assert sorted(seen(done)) == sorted(ANSWERS[mode])
    assert len(registry.requests) == (0 if mode == "walk" else 1)
    if mode not in ("compare", "walk"):
        assert done.err == ""
    assert ("[decisions-not-asked]" in done.err) == (mode == "walk")


def test_compare_tells_every_difference(registry, roots):
    done = registryctl("discover", GROUP, "--mode", "compare", *roots, REGISTRYD_URL=registry.url)
    for needle in ('"both" has another version', "[other-version]", '"local" is only in the directories',
                   '"remote" is only in the registry'):
        assert needle in done.err


def test_the_mode_comes_from_the_environment(registry, roots):
    def answer(*arguments, **settings):
        return registryctl("discover", GROUP, *roots, *arguments, REGISTRYD_URL=registry.url, **settings)

    assert seen(answer()) == seen(answer("--mode", "walk-first"))
    assert sorted(seen(answer(REGISTRYD_MODE="registry"))) == ANSWERS["registry"]
    assert sorted(seen(answer("--mode", "walk", REGISTRYD_MODE="registry"))) == ANSWERS["walk"]
    done = answer(REGISTRYD_MODE="sideways")
    assert done.code == 0 and "[mode-unknown]" in done.err
    assert sorted(seen(done)) == sorted(ANSWERS["walk-first"])


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "walk"])
def test_without_the_registry_the_directories_answer(roots, mode):
    done = registryctl("discover", GROUP, "--mode", mode, *roots)
    assert done.code == 0
    assert sorted(seen(done)) == sorted(ANSWERS["walk"])
    assert "[registry-fallback]" in done.err and "The directories answer" in done.err


def test_a_registry_that_is_slow_is_not_waited_for(registry, roots):
    registry.replies[("GET", "/v1/resolve")][0].delay_seconds = 30
    start = time.monotonic()
    done = registryctl("discover", GROUP, *roots, REGISTRYD_URL=registry.url)
    assert time.monotonic() - start < 20  # 2 s, on a machine with little time
    assert sorted(seen(done)) == sorted(ANSWERS["walk"]) and "did not answer within 2000 ms" in done.err
    done = registryctl("discover", GROUP, *roots, "--timeout", "0.2", REGISTRYD_URL=registry.url)
    assert "did not answer within 200 ms" in done.err


def test_a_registry_that_refuses_is_no_reason_to_fail(registry, roots):
    registry.replies.clear()
    registry.problem("GET", "/v1/resolve", 503, "unavailable", "The store is out of reach")
    done = registryctl("discover", GROUP, "--mode", "registry", *roots, REGISTRYD_URL=registry.url)
    assert done.code == 0 and "The store is out of reach" in done.err
    assert sorted(seen(done)) == sorted(ANSWERS["walk"])


def test_a_root_that_is_not_there_hides_no_other(registry, roots, tmp_path):
    done = registryctl("discover", GROUP, "--mode", "walk", "--root", tmp_path / "nowhere", *roots)
    assert done.code == 0 and f"{tmp_path}/nowhere" in done.err and "[root-unreadable]" in done.err
    assert sorted(seen(done)) == ANSWERS["walk"]
    done = registryctl("discover", GROUP, "--root", tmp_path / "nowhere", REGISTRYD_URL=registry.url)
    assert done.code == 0 and "[walk-fallback]" in done.err
    assert sorted(seen(done)) == sorted(ANSWERS["registry"])


def test_nobody_answers(tmp_path):
    done = registryctl("discover", GROUP, "--root", tmp_path / "nowhere")
    assert (done.code, done.json) == (0, [])
    assert "No server answers" in done.err and "The directories answer" not in done.err
    assert registryctl("discover", GROUP, "--root", tmp_path / "nowhere", "--require").code == 1


def test_several_groups_are_one_question(registry, tmp_path, roots):
    registry.replies.clear()
    registry.answer("GET", "/v1/resolve", {"records": [entry("remote"), entry("a", group="other")], "excluded": []})
    done = registryctl("discover", "other", GROUP, "other", *roots, "--python", "3.11", REGISTRYD_URL=registry.url)
    assert [(r["group"], r["name"]) for r in done.json] == [
        (GROUP, "bad"), (GROUP, "both"), (GROUP, "local"), (GROUP, "remote"), ("other", "a")]
    (request,) = registry.requests
    assert request.query["group"] == ["other", GROUP, "other"] and request.query["python"] == ["3.11"]


@pytest.mark.parametrize(
    "arguments, needle",
    [
        (["g", "--mode", "sideways", "--root", "."], "walk-first"),
        (["g"], "--root"),
        (["g", "--mode", "walk"], "--root"),
        ([], "GROUP"),
        (["g", "--root", "."  , "--convention", "nothing"], "no convention"),
    ],
)
def test_usage(arguments, needle):
    done = registryctl("discover", *arguments)
    assert done.code == 2 and needle in done.err


def test_no_root_is_needed_for_the_registry_alone(registry):
    done = registryctl("discover", GROUP, "--mode", "registry", REGISTRYD_URL=registry.url)
    assert done.code == 0 and seen(done) == ANSWERS["registry"]


@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal(registry, roots, columns):
    shown = on_terminal("discover", GROUP, *roots, columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    table = shown.split("\n\n")[0].splitlines()
    assert all(len(line) <= columns for line in table)
    (remote,) = [line for line in table if line.strip().startswith("remote")]
    assert "registry" in remote and "ok" in remote
