# SPDX-License-Identifier: MIT
"""What a wheel must hold for its plugins to load: the modules, attributes, manifests and files that it names. A
missing one is a warning of `check`, and with --strict an error."""

import pytest
from support.artifacts import wheel
from support.registryctl import registryctl

MODULE = "entry-point-module-missing"
ATTRIBUTE = "entry-point-attribute-missing"
MANIFEST = "manifest-missing"
FILE = "declared-file-missing"
YAML = "name: crm\nversion: '1.0'\n"
PLUGIN = 'from mountaineer import MountaineerPlugin\nplugin = MountaineerPlugin(name="x", view_root=ROOT)\n'
META = 'PLUGIN_META = {"id": "x", "name": "X", "version": "1.0"}\ndef register(app): ...\n'
META_MADE = 'PLUGIN_META = {"id": name(), "name": "X", "version": "1.0"}\ndef register(app): ...\n'

# entry point (group, value), files of the wheel, codes
CASES = {
    "module": ("g", "a.b:c", {"a/b.py": "c = 1\n"}, []),
    "package": ("g", "a.b:c", {"a/b/__init__.py": "def c(): ...\n"}, []),
    "module alone": ("g", "a.b", {"a/b.py": ""}, []),
    "no package": ("g", "a.b:c", {}, [MODULE]),
    "another module": ("g", "a.b:c", {"a/bc.py": "c = 1\n", "a/b.txt": ""}, [MODULE]),
    "a longer name": ("g", "a.b:c", {"a/b-c/x.py": "c = 1\n", "a/b0.py": ""}, [MODULE]),
    "under src": ("g", "a.b:c", {"src/a/b.py": "c = 1\n"}, [MODULE]),
    "compiled": ("g", "a.b:c", {"a/b.cpython-311-x86_64-linux-gnu.so": "x"}, []),
    "compiled for windows": ("g", "a.b:c", {"a/b.pyd": "x"}, []),
    "namespace package": ("g", "a.b", {"a/b/c/d.py": ""}, []),
    "no attribute": ("g", "a.b:c", {"a/b.py": "d = 1\n"}, [ATTRIBUTE]),
    "no attribute in an empty file": ("g", "a.b:c", {"a/b.py": ""}, [ATTRIBUTE]),
    "imported": ("g", "a.b:c", {"a/b.py": "from .d import c\n"}, []),
    "imported under a name": ("g", "a.b:c", {"a/b.py": "from .d import e as c\n"}, []),
    "imported by a star": ("g", "a.b:c", {"a/b.py": "from .d import *\n"}, []),
    "a class's attribute": ("g", "a.b:C.d", {"a/b.py": "class C:\n    def d(self): ...\n"}, []),
    "the class is missing": ("g", "a.b:C.d", {"a/b.py": "def d(): ...\n"}, [ATTRIBUTE]),
    "bound by a loop": ("g", "a.b:c", {"a/b.py": "for c in (1, 2):\n    pass\n"}, []),
    "made by __getattr__": ("g", "a.b:c", {"a/b.py": "def __getattr__(name): return name\n"}, []),
    "made by globals": ("g", "a.b:c", {"a/b.py": "globals()['c'] = 1\n"}, []),
    "in a text only": ("g", "a.b:c", {"a/b.py": "x = 'c'\n"}, [ATTRIBUTE]),
    "not Python": ("g", "a.b:c", {"a/b.py": "def\n"}, []),
    "a script": ("console_scripts", "a.b:main", {"a/b.py": "pass\n"}, [ATTRIBUTE]),
    "honeyframe": ("honeyframe.plugins", "plugins.crm:manifest", {"plugins/crm/plugin.yaml": YAML}, []),
    "honeyframe without manifest": ("honeyframe.plugins", "plugins.crm:manifest", {"plugins/crm/__init__.py": ""},
                                    [MANIFEST]),
    "honeyframe with its files": ("honeyframe.plugins", "plugins.crm:manifest", {
        "plugins/crm/plugin.yaml": YAML + "dbt_workspace: dbt/\nfrontend_entry: frontend/src/index.tsx\n",
        "plugins/crm/dbt/dbt_project.yml": "", "plugins/crm/frontend/src/index.tsx": ""}, []),
    "honeyframe without its files": ("honeyframe.plugins", "plugins.crm:manifest", {
        "plugins/crm/plugin.yaml": YAML + "dbt_workspace: dbt/\nfrontend_entry: frontend/src/index.tsx\n",
        "plugins/crm/dbt.txt": "", "plugins/frontend/src/index.tsx": ""}, [FILE, FILE]),
    "mountaineer with views": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN, "a/views/_static/main.js": "", "a/views/_ssr/main.js": ""}, []),
    "mountaineer without server views": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN, "a/views/_static/main.js": ""}, [FILE]),
    "mountaineer with controllers": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN.replace("view_root=ROOT", "controllers=[A]")}, [FILE, FILE]),
    "mountaineer with a router": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN.replace("view_root=ROOT", "router=router, controllers=[]")}, []),
    "mountaineer with views of another": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN, "ab/views/_static/main.js": ""}, [FILE, FILE]),
    "mountaineer without views": ("mountaineer.plugins", "a.plugin:plugin", {
        "a/plugin.py": PLUGIN.replace(", view_root=ROOT", "")}, []),
    "fastcms": ("fastcms.plugins", "plugins.x:register", {"plugins/x/__init__.py": META}, []),
    "fastcms, made while it runs": ("fastcms.plugins", "plugins.x:register", {"plugins/x/__init__.py": META_MADE},
                                    [MANIFEST]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_wheel_lacks_is_a_warning(name, tmp_path):
    group, value, files, codes = CASES[name]
    entry = "crm" if group == "honeyframe.plugins" else "x"
    filename, data = wheel("crm", "1.0", f"[{group}]\n{entry} = {value}\n",
                           files={path: text.encode() for path, text in files.items()})
    (tmp_path / filename).write_bytes(data)
    done = registryctl("check", tmp_path / filename)
    assert done.code == 0 and done.json[0]["errors"] == [], done.out
    assert [warning["code"] for warning in done.json[0]["warnings"]] == codes, done.out
    for warning in done.json[0]["warnings"]:
        assert filename in warning["where"] and warning["hint"] and entry in warning["message"]
    assert registryctl("check", "--strict", tmp_path / filename).code == (1 if codes else 0)


def test_a_hundred_modules_are_read_within_bounds(tmp_path):
    names = [f"m{i}" for i in range(200)]
    lines = "".join(f"{name} = {name}:missing\n" for name in names)
    filename, data = wheel("crm", "1.0", f"[g]\n{lines}", files={f"{name}.py": b"x = 1\n" for name in names})
    (tmp_path / filename).write_bytes(data)
    warnings = registryctl("check", tmp_path / filename).json[0]["warnings"]
    assert {warning["code"] for warning in warnings} == {ATTRIBUTE} and len(warnings) == 64


def test_an_import_from_another_domain_is_a_warning_once_a_domain(tmp_path):
    source = ("from core import BasePlugin\nfrom domains.users.models import User\nfrom ..models import Order\n"
              "class A(BasePlugin): ...\nclass B(BasePlugin): ...\n")
    lines = "".join(f"orders.{name} = domains.orders.plugins.a_plugin:{name}\n" for name in "AB")
    filename, data = wheel("orders", "1.0", f"[microcoreos.plugins]\n{lines}",
                           files={"domains/orders/plugins/a_plugin.py": source.encode()})
    (tmp_path / filename).write_bytes(data)
    warnings = registryctl("check", tmp_path / filename).json[0]["warnings"]
    assert [warning["code"] for warning in warnings] == ["cross-domain-import"]
    assert warnings[0]["where"].endswith(f"{filename}: domains/orders/plugins/a_plugin.py:2") and "domains.users" in warnings[0]["message"]


LITERALS = {
    "a dict": ("manifest = {'name': 'crm', 'version': '0.1.0', 'permissions': ['a'], 'nav': [{'label': 'Kunden: ü', 'path': '/crm'}]}\n", []),
    "a call": ("from paas import PluginManifest\nmanifest = PluginManifest(name='crm', version='0.1.0', permissions=['a'])\n", []),
    "through a name": ("NAME = 'crm'\nmanifest = dict(name=NAME, version='0.1.0', permissions=['a'])\n", []),
    "loaded": ("manifest = load('plugin.yaml')\n", [MANIFEST]),
    "another name": ("other = {'name': 'crm', 'version': '0.1.0'}\n", [MANIFEST]),
    "arguments at run time": ("manifest = PluginManifest('crm', **options)\n", [MANIFEST]),
    "a list": ("manifest = ['crm']\n", [MANIFEST]),
    "not Python": ("manifest = {\n", [MANIFEST]),
}


@pytest.mark.parametrize("name", LITERALS)
@pytest.mark.parametrize("path", ["plugins/crm/__init__.py", "plugins/crm.py"])
def test_a_wheel_states_the_manifest_in_its_module(tmp_path, name, path):
    source, codes = LITERALS[name]
    filename, data = wheel("honeyframe-crm", "0.1.0", "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n", files={path: source.encode()})
    (tmp_path / filename).write_bytes(data)
    done = registryctl("check", tmp_path / filename).json[0]
    assert [warning["code"] for warning in done["warnings"]] == codes and done["errors"] == []


def test_a_wrong_literal_is_left_out_with_its_line(tmp_path):
    """The host runs the module, and may take what plugin.yaml may not say: the wheel is not refused for it."""
    source = "# 1\n# 2\nmanifest = {'name': 'crm', 'version': '0.1.0', 'seed_groups': [{'name': 'x', 'permissions': ['p']}]}\n"
    filename, data = wheel("crm", "0.1.0", "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n", files={"plugins/crm/__init__.py": source.encode()})
    (tmp_path / filename).write_bytes(data)
    done = registryctl("check", tmp_path / filename).json[0]
    (warning,) = done["warnings"]
    assert done["errors"] == [] and warning["code"] == MANIFEST and f"{filename}: plugins/crm/__init__.py:3" in warning["where"]
    assert 'permission "p" is not among' in warning["message"]


def test_a_plugin_yaml_outranks_a_literal(tmp_path):
    filename, data = wheel("crm", "0.1.0", "[honeyframe.plugins]\ncrm = plugins.crm:manifest\n", files={
        "plugins/crm/__init__.py": b"manifest = {'name': 'other', 'version': '1'}\n", "plugins/crm/plugin.yaml": YAML.encode()})
    (tmp_path / filename).write_bytes(data)
    done = registryctl("check", tmp_path / filename).json[0]
    assert done["errors"] == done["warnings"] == []


def test_prefixes_of_controllers_come_from_the_wheel_as_from_its_project(tmp_path):
    """Two packages of one prefix are in conflict, whether they are walked or packed."""
    files = {"notes/plugin.py": 'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/notes-api/health")\ndef h(): ...\n'
                                'plugin = MountaineerPlugin(name="{0}", controllers=[A], view_root=R, router=router)\n',
             "notes/controllers/__init__.py": "", "notes/controllers/main.py": 'class A(ControllerBase):\n    url = "/notes/all"\n',
             "notes/controllers/broken.py": "class\n"}
    for name in ("one", "two"):
        for path, text in {**files, "pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.0"\n'}.items():
            target = tmp_path / "root" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace("{0}", name))
    walked = registryctl("contributions", "--root", tmp_path / "root").json
    assert [row["subject"] for row in walked["conflicts"] if row["code"] == "router-prefix-shared"] == ["/notes-api", "/notes"]
    filename, data = wheel("one", "1.0", "[mountaineer.plugins]\none = notes.plugin:plugin\n",
                           files={path: text.replace("{0}", "one").encode() for path, text in files.items()})
    (tmp_path / filename).write_bytes(data)
    (manifest,) = registryctl("walk", tmp_path / "root").json[:1]
    checked = registryctl("check", tmp_path / filename).json[0]
    assert manifest["manifest"]["router_prefixes"] == ["/notes-api", "/notes"] and checked["errors"] == []
