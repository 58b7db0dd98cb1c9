# SPDX-License-Identifier: MIT
"""What a host loads, the walk finds: plugins behind a function or a name, endpoints by position, values without
quotes. What cannot be followed is a record in the right group that says why, with file and line."""

import json

import pytest
from support.registryctl import registryctl

PROJECT = '[project]\nname = "demo"\nversion = "1"\n[project.scripts]\ndemo = "demo.cli:main"\n'
IMPORT = "from mountaineer.plugin import MountaineerPlugin\n"


def walk(root, *arguments):
    done = registryctl("walk", *arguments, "--format", "json", root)
    assert (done.code, done.err) == (0, "")
    return done.json


def mountaineer(tmp_path, source, project=PROJECT, package="demo"):
    """The records of a project whose plugin.py has this source: of its script, and of its plugin."""
    folder = tmp_path / "demo"
    (folder / package).mkdir(parents=True)
    (folder / "pyproject.toml").write_text(project)
    (folder / package / "plugin.py").write_text(source)
    records = walk(tmp_path)
    script = [record for record in records if record["group"] == "console_scripts"]
    plugins = [record for record in records if record["group"] == "mountaineer.plugins"]
    assert len(script) + len(plugins) == len(records)
    assert [(one["name"], one["errors"]) for one in script] == ([("demo", [])] if "scripts" in project else [])
    return plugins


@pytest.mark.parametrize("source", [
    'plugin = MountaineerPlugin(name="p")\n',
    'made = MountaineerPlugin(name="p")\nplugin = made\n',
    'def make():\n    return MountaineerPlugin(name="p")\n\nplugin = make()\n',
    'def make() -> MountaineerPlugin:\n    made = MountaineerPlugin(name="p", controllers=[])\n    return made\nplugin = make()\n',
    'NAME = "p"\nplugin = MountaineerPlugin(name=NAME)\n',
    'plugin = MountaineerPlugin(**{"name": "p", "router": None})\n',
    'plugin = MountaineerPlugin(name="" + "p")\n',
    'plugin = MountaineerPlugin(name=f"p")\n',
    'def make(name):\n    return MountaineerPlugin(name="p")\n\nplugin: MountaineerPlugin = make("x")\n',
])
def test_a_mountaineer_plugin_is_followed_one_step(tmp_path, source):
    (plugin,) = mountaineer(tmp_path, IMPORT + source)
    assert (plugin["name"], plugin["value"], plugin["errors"]) == ("p", "demo.plugin:plugin", [])
    assert plugin["manifest"]["name"] == "p"


@pytest.mark.parametrize("source, line", [
    ("plugin = load()\n", 2),
    ("from .factory import make\nplugin = make()\n", 3),
    ('plugin = build(MountaineerPlugin(name="p"))\n', 2),
    ("import os\nplugin = MountaineerPlugin(name=os.environ['N'])\n", 3),
    ("def make():\n    if X:\n        return MountaineerPlugin(name='a')\n    return MountaineerPlugin(name='b')\nplugin = make()\n", 6),
    ("plugin = MountaineerPlugin(**options)\n", 2),
])
def test_what_is_computed_is_an_error_of_the_plugin_alone(tmp_path, source, line):
    (plugin,) = mountaineer(tmp_path, IMPORT + source)
    (error,) = plugin["errors"]
    assert plugin["value"] is None and error["code"].startswith("mountaineer-")
    assert error["where"].endswith(f"demo/plugin.py:{line}")


@pytest.mark.parametrize("source", ["from ._made import plugin\n", "from demo.made import MountaineerPlugin, plugin\n"])
def test_a_plugin_that_is_imported_is_named(tmp_path, source):
    project = PROJECT.replace("[project.scripts]", 'dependencies = ["mountaineer"]\n[project.scripts]')
    (plugin,) = mountaineer(tmp_path, source, project)
    assert plugin["value"] is None and [error["code"] for error in plugin["errors"]] == ["mountaineer-plugin-missing"]


@pytest.mark.parametrize("source", [
    "class MountaineerPlugin:\n    pass\n",
    "class MountaineerPlugin(BaseModel):\n    @classmethod\n    def make(cls):\n        return MountaineerPlugin(name='x')\n",
    IMPORT + "def register(app, plugin: MountaineerPlugin):\n    app.add(plugin)\n",
    IMPORT + "def is_plugin(value):\n    return isinstance(value, MountaineerPlugin)\n",
    IMPORT + "registry: dict[str, MountaineerPlugin] = {}\n",
    '"""Machinery around MountaineerPlugin."""\nREGISTRY = []\n' + IMPORT + "TYPES = [MountaineerPlugin]\n",
])
def test_a_framework_is_no_plugin(tmp_path, source):
    assert mountaineer(tmp_path, source) == []
    assert mountaineer(tmp_path / "b", source, '[project]\nname = "demo"\nversion = "1"\n') == []
    checked = registryctl("check", tmp_path / "demo", "--format", "json").json
    assert [(one["outcome"], one["errors"], one["warnings"]) for one in checked] == [("ok", [], [])]


def test_a_second_package_with_machinery_does_not_spoil_the_plugin(tmp_path):
    (tmp_path / "demo" / "helpers").mkdir(parents=True)
    (tmp_path / "demo" / "helpers" / "plugin.py").write_text("def pytest_addoption(parser):\n    pass\n")
    (plugin,) = mountaineer(tmp_path, IMPORT + 'plugin = MountaineerPlugin(name="p")\n')
    assert (plugin["name"], plugin["errors"], plugin["warnings"]) == ("p", [], [])


def endpoints(tmp_path, call, before=""):
    folder = tmp_path / "domains" / "shop" / "plugins"
    folder.mkdir(parents=True)
    (folder / "x_plugin.py").write_text(
        f"from core import BasePlugin\n{before}\nclass X(BasePlugin):\n    def __init__(self, http):\n        self.http = http\n"
        f"    async def on_boot(self):\n        {call}\n")
    (record,) = walk(tmp_path, "--convention", "microcoreos")
    return record["manifest"]["endpoints"], [warning["code"] for warning in record["warnings"]]


@pytest.mark.parametrize("call, before", [
    ('self.http.add_endpoint("/u", "POST", self.run)', ""),
    ('self.http.add_endpoint("/u", method="POST", handler=self.run)', ""),
    ('self.http.add_endpoint(path="/u", method="POST", handler=self.run)', ""),
    ('self.http.add_endpoint(method="POST", path="/u")', ""),
    ('self.http.add_endpoint(PATH, "POST", self.run, tags=[])', 'PATH = "/u"'),
    ('self.http.add_endpoint("/" + "u", "POST", self.run)', ""),
    ('self.http.add_endpoint(**{"path": "/u", "method": "POST"})', ""),
])
def test_endpoints_by_position_and_by_name(tmp_path, call, before):
    assert endpoints(tmp_path, call, before) == ([{"method": "POST", "path": "/u"}], [])


@pytest.mark.parametrize("call", [
    'self.http.add_endpoint(path(), "POST", self.run)', 'self.http.add_endpoint("/u", self.method, self.run)',
    "self.http.add_endpoint(*route)", 'self.http.add_endpoint("/u")', 'self.http.add_endpoint("/\\0", "GET")',
])
def test_an_endpoint_that_is_computed_is_a_warning(tmp_path, call):
    assert endpoints(tmp_path, call) == ([], ["microcoreos-endpoint"])


@pytest.mark.parametrize("text, version", [
    ("2.0", "2.0"), ("1.10", "1.10"), ("3", "3"), ("2024.10", "2024.10"), ("1e3", None), ("0x10", None), ("'1.10'", "1.10"),
])
def test_an_unquoted_version_counts_as_it_is_written(tmp_path, text, version):
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "plugin.yaml").write_text(f"name: hr\nversion: {text}\n")
    (record,) = walk(tmp_path)
    assert (record["name"], record["group"], record["version"]) == ("hr", "honeyframe.plugins", version)
    assert record["manifest"]["version"] == text.strip("'")
    codes = [finding["code"] for finding in record["warnings"]]
    assert codes == ([] if text.startswith("'") else ["yaml-unquoted"])
    assert bool(record["errors"]) == (version is None)


@pytest.mark.parametrize("key, text", [
    ("display_name", "2024"), ("display_name", "true"), ("frontend_entry", "1.5"), ("dbt_workspace", "007"),
    ("permissions", "[1, 2.50, yes]"),
])
def test_every_text_of_a_manifest_may_be_unquoted(tmp_path, key, text):
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "plugin.yaml").write_text(f"name: hr\nversion: 1.0.0\n{key}: {text}\n")
    (record,) = walk(tmp_path)
    written = [one.strip() for one in text.strip("[]").split(",")] if text.startswith("[") else text
    assert record["manifest"][key] == written and not record["errors"]
    assert "yaml-unquoted" in [finding["code"] for finding in record["warnings"]]


@pytest.mark.parametrize("version, told", [
    ('"2026.1.0b2"', []), ("null", []), ("1.10", ["declared-template"]), ('["1.0"]', ["declared-template"]),
    ("true", ["declared-template"]), ('{"a": 1}', ["declared-template"]), ('"one"', ["version-invalid"]), ("7", []),
])
def test_an_optional_key_of_another_type(tmp_path, version, told):
    """It was meant, so it is an error of that plugin; only a missing key is none."""
    convention = tmp_path / "conv.yaml"
    convention.write_text('name: ha\nlook: "*/manifest.json"\nread: json\nrecord: {group: g, name: "{domain}", '
                          'value: "c.{1}", version: "{version?}"}\n')
    for name, text in [("x", f'{{"domain": "x", "version": {version}}}'), ("ok", '{"domain": "ok"}')]:
        (tmp_path / "root" / name).mkdir(parents=True)
        (tmp_path / "root" / name / "manifest.json").write_text(text)
    good, found = walk(tmp_path / "root", "--convention", convention)
    assert (good["name"], good["errors"], good["warnings"]) == ("ok", [], [])
    assert [finding["code"] for finding in found["errors"] + found["warnings"]] == told


@pytest.mark.parametrize("body, listed", [
    ('dynamic = ["version"]', []),
    ('version = "1"', []),
    ('dynamic = ["version"]\n[project.entry-points."g"]\nx = "m:a"', [("x", None)]),
    ('dynamic = ["version", "description", "readme"]\n[project.scripts]\nx = "m:a"', [("x", None)]),
    ('dynamic = ["version"]\n[project.gui-scripts]\nx = "m:a"\n[tool.setuptools_scm]', [("x", None)]),
    ('dynamic = ["version", "dependencies"]\n[project.entry-points."g"]\nx = "m"', [("x", None)]),
])
def test_an_unknown_version_is_no_fault(tmp_path, body, listed):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pyproject.toml").write_text(f'[project]\nname = "p"\n{body}\n')
    records = walk(tmp_path)
    assert [(one["name"], one["version"]) for one in records] == listed
    assert all(not one["errors"] and not one["warnings"] for one in records)


@pytest.mark.parametrize("text", [
    '[build-system]\nrequires = ["setuptools"]\n', "[tool.ruff]\nline-length = 100\n", "", "[tool.towncrier]\n[tool.mypy]\n",
    '[tool.poetry]\nname = "x"\nversion = "1"\n', '[dependency-groups]\ndev = ["pytest"]\n',
])
def test_a_pyproject_of_tools_alone_is_no_record(tmp_path, text):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "pyproject.toml").write_text(text)
    assert walk(tmp_path) == [] and walk(tmp_path, "--convention", "pyproject") == []


def test_publish_all_passes_over_what_publishes_nothing(tmp_path):
    for name, text in [("tools", "[tool.ruff]\n"), ("bare", '[project]\nname = "bare"\ndynamic = ["version"]\n'),
                       ("b", '[project]\nname = "b"\ndynamic = ["version"]\n[project.entry-points.g]\nb = "b:p"\n')]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(text)
    (asked,) = registryctl("check", "--all", tmp_path).json
    assert (asked["package"], [error["code"] for error in asked["errors"]]) == ("b", ["version-missing"])
    assert "--version" in asked["errors"][0]["hint"]
    (given,) = registryctl("check", "--all", "--version", "1.0", tmp_path).json
    assert (given["outcome"], given["version"]) == ("ok", "1.0")


NUL = {
    "plugin.yaml": 'name: bad\nversion: "1"\ndisplay_name: "a\\0b"\n',
    "__init__.py": 'PLUGIN_META = {"id": "bad", "name": "N", "version": "1", "s": "\\0"}\ndef register(c): pass\n',
    "pyproject.toml": '[project]\nname = "bad"\nversion = "1"\n[project.entry-points.g]\nx = "m\\u0000:a"\n',
}


@pytest.mark.parametrize("name", NUL)
def test_a_nul_costs_its_plugin_alone(tmp_path, name):
    for folder, text in [("bad", NUL[name]), ("good", None)]:
        (tmp_path / folder).mkdir()
        if text:
            (tmp_path / folder / name).write_text(text)
    (tmp_path / "good" / "plugin.yaml").write_text("name: good\nversion: 1.0.0\n")
    records = walk(tmp_path)
    assert [(one["name"], bool(one["errors"])) for one in records if one["name"] == "good"] == [("good", False)]
    assert [one for one in records if one["name"] != "good" and one["errors"]]
    table = registryctl("walk", "--format", "table", tmp_path)
    assert table.code == 0 and "good" in table.out
    assert json.loads(registryctl("walk", tmp_path).out) == records
