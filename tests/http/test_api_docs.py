# SPDX-License-Identifier: MIT
"""docs/HTTP.md, tried: every curl of the page is run against a daemon, and what comes back must have the
shape that the page shows."""

import json
import os
import re
import subprocess

import pytest

from support.artifacts import wheel
from support.daemon import SOURCE_DIR

PAGE = (SOURCE_DIR / "docs" / "HTTP.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## `(\w+ \S+)`\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
WHOLE = ("document", "manifest")  # whatever the author wrote


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


EXAMPLES = [(title, blocks(text, "sh")[0], blocks(text, "json")[0])
            for title, text in SECTIONS if blocks(text, "sh") and blocks(text, "json")]


@pytest.fixture(scope="module")
def filled(registry, tmp_path_factory):
    for version, python in (("1.1.0", ">=3.9"), ("1.3.0", ">=3.12")):
        registry.publish("crm", version, {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}},
                         requires_python=python,
                         manifests={"honeyframe.plugins": {"crm": {"version": version, "permissions": ["customer.read"], "nav": [
                             {"path": "/crm/customers", "label": "Customer 360", "icon": "users"}]}}})
    for name, python in (("erp", None), ("blog", ">=3.13")):  # one to be quarantined, one that fits no host of the page
        registry.publish(name, "1.0", {"honeyframe.plugins": {name: f"{name}:plugin"}}, requires_python=python)
    registry.put("/v1/packages/erp/status", {"status": "quarantined", "reason": "it deletes files"}, token=registry.admin_token)
    registry.folder = tmp_path_factory.mktemp("project")
    name, data = wheel("crm", "1.2.0", "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n",
                       Summary="Customers and deals", Requires_Python=">=3.9")
    (registry.folder / "dist").mkdir()
    (registry.folder / "dist" / name).write_bytes(data)
    for begin in ("PUT /v1/groups/", "PUT /v1/packages/{name}/releases/{version}", "POST /v1/artifacts",
                  "PUT /v1/environments"):
        run(registry, next(command for title, command, _ in EXAMPLES if title.startswith(begin)))
    return registry


def run(registry, command):
    """A command of the page with this daemon's address and token; what it printed."""
    command = command.replace("since=41&wait=30", "since=0&wait=1")
    environment = {**os.environ, "url": registry.url, "token": registry.publisher_token,
                   "no_proxy": "127.0.0.1"}
    done = subprocess.run(["bash", "-ec", command], env=environment, capture_output=True, text=True,
                          check=False, timeout=60, cwd=registry.folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shape(value, key=None):
    """The keys, all the way down; a list is as its first item, a scalar is nothing."""
    if isinstance(value, dict) and key not in WHOLE:
        return {name: shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1] if isinstance(item, dict)]
    return None


def test_the_page_has_examples():
    assert len(EXAMPLES) >= 10
    assert {title.split()[0] for title, _, _ in EXAMPLES} == {"GET", "PUT", "POST", "PATCH", "DELETE"}
    for block in blocks(PAGE, "json"):
        json.loads(block)


@pytest.mark.parametrize("title, command, expected", EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_an_example_answers_as_shown(filled, title, command, expected):
    assert shape(run(filled, command)) == shape(json.loads(expected))


def test_problems_have_the_shape_shown(filled, refused):
    shown = json.loads(blocks(PAGE, "json")[0])
    answer = filled.put("/v1/packages/crm/releases/9", {
        "name": "crm", "version": "9", "entry_points": {"app.plugins": {"crm": ":x"}}})
    problem = refused(answer, shown["status"], shown["code"])
    assert shape(problem) == shape(shown)
    for key in ("type", "title", "where"):
        assert problem[key] == shown[key]
    assert problem["errors"][0]["code"] == shown["errors"][0]["code"]
