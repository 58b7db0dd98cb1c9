# SPDX-License-Identifier: MIT
"""What `check --against` passes, `publish` takes, and what it refuses is refused with the same code: seeded random
publishes of documents, wheels, sdists and directories against one registry, whose state grows with them.
REGISTRYD_PUBLISHES and REGISTRYD_SEED choose how many, and which."""

import os
import random

import pytest

from support.access import grant, make_token
from support.artifacts import sdist, wheel
from support.daemon import Daemon
from support.registryctl import registryctl

PUBLISHES = int(os.environ.get("REGISTRYD_PUBLISHES", "40"))
SEED = int(os.environ.get("REGISTRYD_SEED", "1"))
GROUP, STRICT, OWNED = "honeyframe.plugins", "strict.plugins", "owned.plugins"
OWN = ["mine-crm", "mine-blog", "mine-shop", "mine-wiki"]
NAMES = [*OWN * 4, "mine-he110", "mine-hello", "mine-kept", "mine-archived", "mine-quarantined", "theirs", "nobodys"]
VERSIONS = ["1.0", "1.0.0", "2.0", "2.1rc1", "3"]


@pytest.fixture(scope="module")
def registry():
    with Daemon(arguments=["--publishes-per-minute", "0", "--new-names-per-hour", "0"]) as running:
        for team in ("mine", "theirs"):
            grant(running, team, "publish:new", team)
        theirs = make_token(running, "theirs", ["publish:new", "publish:update"])
        running.token = make_token(running, "mine", ["publish:new", "publish:update"])
        for name, token in (("theirs", theirs), ("mine-archived", running.token), ("mine-quarantined", running.token)):
            assert running.put(f"/v1/packages/{name}/releases/0.1", {"name": name, "version": "0.1"}, token=token).status == 201
        assert running.put("/v1/reserved-names/mine-kept", {"prefix": False}, token=running.admin_token).status == 200
        for status in ("archived", "quarantined"):
            assert running.put(f"/v1/packages/mine-{status}/status", {"status": status, "reason": "x"},
                               token=running.admin_token).status == 200
        for group, contract in ((STRICT, {"name_pattern": "[a-z]+", "kind": "callable"}), (OWNED, {"owner": "theirs"})):
            assert running.put(f"/v1/groups/{group}", contract, token=running.admin_token).status == 200
        yield running


def entries(rng, module):
    """The text of an entry_points.txt: good, or wrong in one way."""
    group, name, value = rng.choice([
        (STRICT, "good", f"{module}:plugin"), (STRICT, "good", f"{module}:plugin"), ("free.plugins", "x", f"{module}:plugin"),
        (STRICT, "Bad", f"{module}:plugin"), (STRICT, "good", module), (OWNED, "x", f"{module}:plugin"),
        ("free.plugins", "x", "nowhere:plugin"), ("free.plugins", "x", "not an object")])
    return f"[{group}]\n{name} = {value}\n"


def as_wheel(rng, root, name, version):
    module = rng.choice([name.replace("-", "_"), "shared"])
    filename, data = wheel(name, version, entries(rng, module), files={f"{module}/__init__.py": b"plugin = 1\n"},
                           tag=rng.choice(["py3-none-any", "py3-none-any", "py2-none-any"]),
                           generator=rng.choice(["tests", "registryctl"]), Summary=rng.choice(["one", "two"]))
    if rng.random() < 0.1:
        data = rng.choice([data[: len(data) // 2], data[:-1] + b"\0", b"PK"])
    (root / filename).write_bytes(data)
    return root / filename


def as_sdist(rng, root, name, version):
    filename, data = sdist(name, version, Summary=rng.choice(["one", "two"]))
    (root / filename).write_bytes(data)
    return root / filename


def as_document(rng, root, name, version):
    group, _, rest = entries(rng, "m").partition("]\n")
    key, _, value = rest.strip().partition(" = ")
    (root / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\ndescription = "{rng.choice(["one", "two"])}"\n'
        f'[project.entry-points."{group[1:]}"]\n{key} = "{value}"\n')
    return root


def as_directory(rng, root, name, version):
    """A plugin directory of Honeyframe; sometimes with a manifest that breaks a rule."""
    folder = root / name
    folder.mkdir()
    bad = rng.choice(["", "", "", "nav: 3\n", "frontend_entry: /etc/passwd\n", "frontend_entry: missing.js\n"])
    (folder / "plugin.yaml").write_text(f"name: {name}\nversion: '{version}'\ndisplay_name: {rng.choice(['A', 'B'])}\n{bad}")
    (folder / "router.py").write_text("ROUTES = []\n")
    return folder


def outcome(registry, *arguments):
    answer = registryctl(*arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.token)
    (one,) = answer.json
    return one, answer.code


def test_what_a_check_passes_a_publish_takes(registry, tmp_path):
    rng = random.Random(SEED)
    seen = {}
    for number in range(PUBLISHES):
        root = tmp_path / str(number)
        root.mkdir()
        make = rng.choice([as_wheel, as_wheel, as_sdist, as_document, as_directory])
        path = make(rng, root, rng.choice(NAMES), rng.choice(VERSIONS))
        for _ in range(1 + (rng.random() < 0.15)):  # some are published twice
            before = registry.get("/v1").json["serial"]
            checked, check_code = outcome(registry, "check", "--against", registry.url, path)
            assert registry.get("/v1").json["serial"] == before
            published, publish_code = outcome(registry, "publish", path)
            shown = (number, make.__name__, checked, published)
            assert {"ok": "published"}.get(checked["outcome"], checked["outcome"]) == published["outcome"], shown
            assert (checked["error"] or {}).get("code") == (published["error"] or {}).get("code"), shown
            assert (check_code == 0) == (publish_code == 0), shown
            codes = [{finding["code"] for finding in one["errors"]} - {"publish-refused"} for one in (checked, published)]
            assert codes[0] == codes[1], shown
            result = (published["error"] or {}).get("code", published["outcome"])
            seen[result] = seen.get(result, 0) + 1
    assert {"published", "unchanged", "conflict", "forbidden", "invalid"} <= seen.keys(), seen
