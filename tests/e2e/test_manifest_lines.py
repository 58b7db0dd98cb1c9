# SPDX-License-Identifier: MIT
"""A manifest that breaks the schema of its group, by every convention: what check, publish, walk and compare say names
the file, the line and the JSON pointer. A table of plugins, each with the line on which its fault stands."""

import json

import pytest
from support.python_program import run_python
from support.registryctl import on_terminal, registryctl

# What a manifest must be, and a name of the convention's own: (group, schema, files, {pointer: file:line}).
LABELS = {"properties": {"nav": {"items": {"properties": {"label": {"type": "string", "maxLength": 8}}, "required": ["label"]}}}}
YAML = """\
name: {name}
version: 1.0.0
display_name: Plug
nav:
  - label: Good
    path: /good
  - label: Much too long a label
    path: /long
"""
META = """\
NAV = [{{"label": "good"}}]
PLUGIN_META = {{
    "id": "{name}", "name": "Plug", "version": "1.0.0",
    "nav": [
        {{"label": "good"}},
        {{"la" "bel": 7}},
        {{
            "url": "/c~d",
        }},
    ],
    "more": dict(
        nested=("a",
                "b"),
    ),
}}


def register(ctx):
    raise SystemExit("nothing is run")
"""
MOUNTAINEER = """\
from mountaineer.plugin import MountaineerPlugin


def create_plugin():
    return MountaineerPlugin(
        name="{name}",
        controllers=[],
        router=None,
    )


plugin = create_plugin()
"""
PROJECT = '[project]\nname = "mountaineer-{name}"\nversion = "1.0.0"\n'
CLASSES = """\
from core.base_plugin import BasePlugin


class First(BasePlugin):
    pass


class {name}(BasePlugin):
    def __init__(self, db, http):
        self.http = http

    async def on_boot(self):
        self.http.add_endpoint(path=PATH, method="GET", handler=None)
        self.http.add_endpoint(path="/a", method="GET", handler=None)
        self.http.add_endpoint(
            path="/b", method="BREW", handler=None)
"""
OTHER = """\
from core.base_plugin import BasePlugin


class ThirdPlugin(BasePlugin):
    def __init__(self, http):
        self.http = http
"""
CASES = {
    "plugin-yaml": (
        "honeyframe.plugins", LABELS, {"lines-yaml/plugin.yaml": YAML.format(name="lines-yaml")}, "lines-yaml",
        {"/nav/1/label": "lines-yaml/plugin.yaml:7"}),
    "plugin-meta": (
        "fastcms.plugins",
        {"properties": {**LABELS["properties"], "more": {"properties": {"nested": {"items": {"const": "a"}}}}}},
        {"lines_meta/__init__.py": META.format(name="lines-meta")}, "lines_meta",
        {"/nav/1/label": "lines_meta/__init__.py:6", "/nav/2": "lines_meta/__init__.py:7",
         "/more/nested/1": "lines_meta/__init__.py:13"}),
    "mountaineer": (
        "mountaineer.plugins",
        {"properties": {"name": {"pattern": "^lines_"}, "declares": {"items": {"const": "controllers"}}}},
        {"lines-mountaineer/pyproject.toml": PROJECT.format(name="lines"),
         "lines-mountaineer/src/lines/plugin.py": MOUNTAINEER.format(name="lines")}, "lines-mountaineer",
        {"/name": "lines-mountaineer/src/lines/plugin.py:6", "/declares/1": "lines-mountaineer/src/lines/plugin.py:8"}),
    "microcoreos": (
        "microcoreos.plugins",
        {"properties": {"endpoints": {"items": {"properties": {"method": {"enum": ["GET", "POST"]}}}},
                        "class": {"maxLength": 9}, "tools": {"items": {"enum": ["http"]}}}},
        {"domains/lines/plugins/a_plugin.py": CLASSES.format(name="Second"),
         "domains/lines/plugins/b_plugin.py": OTHER},
        "domains/lines",
        {"/endpoints/1/method": "domains/lines/plugins/a_plugin.py:15", "/tools/0": "domains/lines/plugins/a_plugin.py:9",
         "/class": "domains/lines/plugins/b_plugin.py:4"}),
}  # fmt: skip


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def places(findings):
    """{pointer: file:line} of those about the schema."""
    found = [one["where"] for one in findings if one["code"] == "schema-mismatch"]
    return {where.partition(": ")[2]: where.partition(": ")[0] for where in found}


@pytest.fixture(scope="module")
def call(daemon):
    return lambda *arguments: registryctl(*arguments, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)


@pytest.fixture(params=CASES)
def case(request, daemon, tmp_path):
    """(group, schema, root, plugin, {pointer: file:line}), the schema in the contract of the group."""
    group, schema, files, plugin, expected = CASES[request.param]
    write(tmp_path, files)
    assert daemon.put(f"/v1/groups/{group}", {"manifest_schema": schema}).status == 200
    yield group, schema, tmp_path, tmp_path / plugin, {key: f"{tmp_path}/{place}" for key, place in expected.items()}
    assert daemon.put(f"/v1/groups/{group}", {}).status == 200


def agrees(given, expected):
    """Every expected place is there, and no finding is without a file and a line."""
    assert {key: given.get(key) for key in expected} == expected
    assert all(place.rpartition(":")[2].isdigit() for place in given.values()), given


def test_check_and_publish(call, case, tmp_path):
    group, schema, _, plugin, expected = case
    for words in (["check", "--against", "configured"], ["publish"]):
        done = call(*words, "--version", "1.0.0", plugin)
        assert done.code in (1, 3), done
        agrees(places(done.json[0]["errors"]), expected)
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    done = registryctl("check", "--version", "1.0.0", "--manifest-schema", f"{group}={tmp_path}/schema.json", plugin)
    assert done.code == 1
    agrees(places(done.json[0]["errors"]), expected)


def test_walk_and_compare(call, case):
    group, schema, root, _, expected = case
    assert not [one for record in call("walk", root).json for one in record["errors"]]
    walked = [one for record in call("walk", "--against", "configured", root).json for one in record["errors"]]
    agrees(places(walked), expected)
    (root / "schema.json").write_text(json.dumps(schema))
    alone = registryctl("walk", "--manifest-schema", f"{group}={root}/schema.json", root).json
    assert sorted(one["where"] for record in alone for one in record["errors"]) == sorted(one["where"] for one in walked)
    report = call("compare", "--contracts", group, root).json
    told = [one for record in report["only_walk"] for one in record["warnings"]]
    agrees(places(told), expected)
    assert not [one for record in call("compare", group, root).json["only_walk"] for one in record["warnings"]
                if one["code"] == "schema-mismatch"]


@pytest.mark.parametrize("name, read, text, line", [
    ("p.yaml", "yaml", "tool:\n  plug:\n    id: lines-y\n    size: big\n", 4),
    ("p.toml", "toml", '[tool.plug]\n\nid = "lines-t"\n# one\nsize = "big"\n', 5),
    ("p.json", "json", '{"tool": {\n  "plug": {"id": "lines-j",\n\n    "size": "big"}}}\n', 4),
    ("p.py", "python", 'PLUG = Plug(\n    id="lines-p",\n    size="big",\n)\n', 3),
])
def test_declared_conventions(tmp_path, name, read, text, line):
    take = "take: PLUG\ncall: Plug" if read == "python" else "take: tool.plug"
    write(tmp_path, {
        "convention.yaml": f'name: lines\nlook: "*/{name}"\nread: {read}\n{take}\nrequire: [id]\n'
                           'record:\n  group: lines.plugins\n  name: "{id}"\n  value: "lines.{1}:plug"\n',
        "schema.json": json.dumps({"properties": {"size": {"type": "integer"}}}),
        f"tree/one/{name}": text,
        f"tree/two/{name}": text.replace('"big"', "7").replace("big", "7").replace("lines-", "fine-"),
    })
    (bad, good) = sorted(registryctl(
        "walk", "--convention", tmp_path / "convention.yaml", "--manifest-schema", f"lines.plugins={tmp_path}/schema.json",
        tmp_path / "tree").json, key=lambda record: not record["errors"])
    assert good["errors"] == [] and [one["where"] for one in bad["errors"]] == [f"{tmp_path}/tree/one/{name}:{line}: /size"]


PUBLISH = """
import sys
from registryclient import Registry, RegistryError
try:
    Registry().publish(sys.argv[1], version="1.0.0")
except RegistryError as error:
    print(*[finding.where for finding in error.findings], sep="\\n")
"""


def test_publishing_from_python_names_the_line(daemon, case):
    _, _, _, plugin, expected = case
    told = run_python("-c", PUBLISH, plugin, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token).out.splitlines()
    agrees({where.partition(": ")[2]: where.partition(": ")[0] for where in told if ": /" in where}, expected)


def test_a_person_sees_the_line(call, daemon, tmp_path):
    group, schema, files, plugin, _ = CASES["plugin-yaml"]
    write(tmp_path, files)
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    shown = on_terminal("check", "--manifest-schema", f"{group}={tmp_path}/schema.json", tmp_path / plugin, columns=200).out
    assert "plugin.yaml:7: /nav/1/label" in shown and "schema-mismatch" in shown, shown


@pytest.mark.parametrize("word, message", [
    ("schema.json", "GROUP=FILE"), ("=schema.json", "GROUP=FILE"), ("g=", "GROUP=FILE"),
    ("g=/nonexistent.json", "Cannot read"), ("g=bad.json", "bad.json"), ("g=none.json", "none.json: /type"),
])
def test_a_wrong_schema_is_refused(tmp_path, word, message):
    write(tmp_path, {"p/plugin.yaml": "name: p\nversion: 1.0.0\n", "bad.json": "{", "none.json": '{"type": "nonsense"}'})
    for command in (["check", "p"], ["walk", "."]):
        done = registryctl(command[0], "--manifest-schema", word, command[1], cwd=tmp_path)
        assert done.code in (2, 3) and message in done.err, done
