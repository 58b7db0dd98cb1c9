# SPDX-License-Identifier: MIT
"""The four hosts in miniature (docs/examples/): unchanged, and with their adapter's line, in every mode.

Each host runs in a Python of its own. What it logs differs in its words; what it loads may not differ."""

import json
import subprocess

import pytest
from support.daemon import BUILD_DIR, SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.python_program import run_python
from support.registryctl import registryctl
from support.sites import Site

EXAMPLES = SOURCE_DIR / "docs" / "examples"
HOSTS = {
    "honeyframe": ("honeyframe.plugins", [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]),
    "fastcms": ("fastcms.plugins", [f"{EXAMPLES}/fastcms/plugins"]),
    "mountaineer": ("mountaineer.plugins", [f"{EXAMPLES}/mountaineer/projects"]),
    "microcoreos": ("microcoreos.plugins", [f"{EXAMPLES}/microcoreos"]),
}
MODES = ("walk", "compare", "walk-first", "registry-first", "registry")
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def published(daemon):
    """A registry with every example plugin that can be published."""
    for _, roots in HOSTS.values():
        subprocess.run(
            [BUILD_DIR / "bin" / "registryctl", "--format", "json", "publish", "--all", "--version", "1.0.0", *roots], capture_output=True,
            env={"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token},
        )  # fmt: skip
    return daemon


def loaded(text):
    """What the host says it loaded: without its log, and without what is wrong with a broken plugin."""
    return [line.partition("error:")[0] for line in text.splitlines() if not line.startswith(("WARNING ", "ERROR "))]


def logged(text):
    return [line for line in text.splitlines() if line.startswith(("WARNING ", "ERROR "))]


def run_host(host, program="with_registry.py", **environment):
    return run_python(EXAMPLES / host / program, **environment).out


def run_script(host, script, **environment):
    """The script, in the folder of the host."""
    return run_python("-c", script, cwd=EXAMPLES / host, **environment).out


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_loads_the_same_with_its_adapter(published, host, mode):
    today = loaded(run_host(host, "main.py"))
    if mode == "registry":  # what could not be published is not there, and nobody waits for it
        today = [line for line in today if not line.startswith("helpdesk")]
    assert len(today) >= 4
    assert loaded(run_host(host, REGISTRYD_URL=published.url, REGISTRYD_MODE=mode)) == today


@pytest.mark.parametrize("host", HOSTS)
def test_without_a_registry_the_directories_answer(host):
    today = loaded(run_host(host, "main.py"))
    assert loaded(run_host(host, REGISTRYD_URL=NOBODY, REGISTRYD_MODE="registry")) == today


def test_it_can_be_switched_off(published):
    """Whatever the mode: REGISTRYD_DISABLE is walking. `helpdesk` is only in the directories."""
    options = {"REGISTRYD_URL": published.url, "REGISTRYD_MODE": "registry"}
    assert "helpdesk" not in run_host("honeyframe", **options)
    assert "helpdesk" in run_host("honeyframe", REGISTRYD_DISABLE="1", **options)


def test_a_mode_that_is_none_is_told_and_walk_first(published):
    out = run_host("honeyframe", REGISTRYD_URL=published.url, REGISTRYD_MODE="fly")
    assert loaded(out) == loaded(run_host("honeyframe", "main.py")) and "fly" in out


BROKEN = {
    "honeyframe": ("walk", "helpdesk", "plugin.yaml:7: Not YAML"),
    "fastcms": ("walk", "no-version", 'PLUGIN_META has no "version"'),
    "mountaineer": ("registry", "broken", "No module named 'mountaineer_legacy_pages'"),
    "microcoreos": ("registry", "mail.PrintLetterPlugin", "No module named 'letter_press'"),
}


@pytest.mark.parametrize("host", BROKEN)
def test_a_broken_plugin_is_named_beside_the_good_ones(published, host):
    mode, name, reason = BROKEN[host]
    told = logged(run_host(host, REGISTRYD_URL=published.url, REGISTRYD_MODE=mode))
    assert [line for line in told if name in line and reason in line], told


@pytest.mark.parametrize("host", HOSTS)
def test_an_adapter_is_small_and_its_line_is_the_only_change(host):
    adapter = SOURCE_DIR / "client/python/registryclient/hosts" / f"{host}.py"
    assert len(adapter.read_text().splitlines()) <= 60
    assert len((EXAMPLES / host / "with_registry.py").read_text().splitlines()) <= 30


# ---- Honeyframe ----

LIST_PLUGINS = """
import with_registry, main, asyncio, json
async def get(path, role):
    sent = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"x-role", role.encode())], "http_version": "1.1", "scheme": "http",
             "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": ""}
    async def receive(): return {"type": "http.request", "body": b""}
    async def send(message): sent.append(message)
    await main.app(scope, receive, send)
    return [sent[0]["status"], json.loads(sent[1]["body"])]
paths = [("/api/plugins", ""), ("/api/plugins", "admin"), ("/api/crm/accounts", ""), ("/api/_demo/ping", "")]
answers = [asyncio.run(get(*one)) for one in paths]
print(json.dumps([answers, [plugin.row() for plugin in main.PLUGINS]]))
"""


@pytest.mark.parametrize("mode", ["walk", "registry"])
def test_honeyframe_lists_its_plugins_for_administrators(published, mode):
    out = run_script("honeyframe", LIST_PLUGINS, REGISTRYD_URL=published.url, REGISTRYD_MODE=mode)
    (refused, listed, accounts, ping), rows = json.loads(out.splitlines()[-1])
    assert refused[0] == 403
    assert listed == [200, rows]
    assert [len(accounts[1]), ping[1]["answer"]] == [2, "pong"]
    found = {row["name"]: row for row in rows}
    link = None if mode == "walk" else f"{published.url}/environments/default/plugins/crm/settings"
    assert found["crm"] == {"name": "crm", "title": "CRM", "package": "crm", "version": "0.3.0", "source": "install",
                            "router_count": 2, "dbt_workspace": "dbt/", "state": "ok", "errors": [], "warnings": found["crm"]["warnings"],
                            "hint": None, "settings_url": link}  # fmt: skip
    assert found["warehouse"]["source"] == "data"
    if mode == "walk":
        assert found["helpdesk"]["version"] is None and found["helpdesk"]["state"] == "error" and "Not YAML" in found["helpdesk"]["errors"][0]


DISCOVER = """
import json
from registryclient import Registry
from registryclient.hosts.honeyframe import discover_plugins
found = discover_plugins(Registry(roots=[("install", "install/plugins")], allow_uninstalled=True))
print(json.dumps([[plugin.row(), str(plugin.root)] for plugin in found]))
"""


def record(group, name, **parts):
    """A record as /v1/resolve has it."""
    made = {"group": group, "name": name, "value": f"plugins.{name}:manifest", "package": name, "version": "1.0",
            "source": "registry", "label": None, "origin": f"/v1/packages/{name}/releases/1.0", "manifest": None,
            "warnings": [], "errors": [], "shadowed_by": None}  # fmt: skip
    return {**made, **parts}


def test_honeyframe_takes_the_manifest_of_a_package_from_its_entry_point():
    """The form that the platform plans: crm = "plugins.crm:manifest", in a wheel."""
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            record("honeyframe.plugins", "analytics"), record("honeyframe.plugins", "crm"),
        ]})  # fmt: skip
        source = EXAMPLES / "packages/honeyframe-analytics/src"
        out = run_python("-c", DISCOVER, cwd=EXAMPLES, PYTHONPATH=source, REGISTRYD_URL=registry.url, REGISTRYD_MODE="registry").out
    (analytics, root), (crm, _) = json.loads(out)
    assert [analytics["version"], analytics["router_count"], analytics["errors"]] == ["1.0.0", 1, []]
    assert [analytics["source"], root] == ["registry", str(source / "plugins/analytics")]
    assert crm["version"] == "1.0" and "plugins.crm:manifest: No module named" in crm["errors"][0]
    assert "pip install" in crm["errors"][0]


def test_honeyframe_is_told_of_a_plugin_without_a_manifest(tmp_path):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bare.py").write_text("manifest = {'display_name': 'Bare'}\n")
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            record("honeyframe.plugins", "bare"),
            record("honeyframe.plugins", "crm", manifest={"name": "crm", "version": "0.3.0", "new_key": 1}),
            record("honeyframe.plugins", "remote", manifest={"name": "remote", "version": "2.0"}),
        ]})  # fmt: skip
        out = run_python("-c", DISCOVER, cwd=EXAMPLES, PYTHONPATH=tmp_path, REGISTRYD_URL=registry.url, REGISTRYD_MODE="registry").out
    found = {row["name"]: (row["source"], row["version"], root, row["errors"]) for row, root in json.loads(out)}
    assert found == {
        "bare": ("registry", "1.0", str(tmp_path / "plugins"), ["no manifest was published"]),
        "crm": ("install", "0.3.0", "install/plugins/crm", []),
        "remote": ("registry", "2.0", "remote", []),
    }


# ---- what the registry's decisions withhold ----

LISTS = {
    "honeyframe": """
sys.path[:0] = [os.path.join(EXAMPLES, root) for root in ("install", "data")]
from registryclient.hosts.honeyframe import discover_plugins
found = discover_plugins(Registry(roots=[("install", EXAMPLES + "/install/plugins"), ("data", EXAMPLES + "/data/plugins")]))
say([one.name for one in found if one.state == "ok"],
    [[one.name, one.state, one.source, str(one.root), one.errors[0], one.row()["errors"] == one.errors] for one in found if one.state == "withheld"])
""",
    "fastcms": """
os.chdir(EXAMPLES + "/fastcms")
sys.path.insert(0, ".")
from registryclient.hosts.fastcms import load_plugins
class Context:
    def __init__(self, *_): pass
    def __getattr__(self, name): return lambda *args, **named: None
found = load_plugins("plugins", object(), {}, context=Context)
say([one["id"] for one in found if one["state"] == "loaded"],
    [[one["id"], one["state"], one["name"], one["version"], one["reason"], True] for one in found if one["state"] == "withheld"])
""",
    "mountaineer": """
projects = EXAMPLES + "/mountaineer/projects"
sys.path[:0] = [EXAMPLES + "/mountaineer/standin", *sorted(os.path.join(projects, one) for one in os.listdir(projects))]
from registryclient.hosts.mountaineer import plugins
found = plugins(Registry(roots=[("projects", projects)]))
say([one.name for one in found], [[one.name, one.state, one.source, str(one.root), one.reason, True] for one in found.withheld])
""",
    "microcoreos": """
sys.path.insert(0, EXAMPLES + "/microcoreos")
from registryclient.hosts.microcoreos import discover_plugins
found = discover_plugins(EXAMPLES + "/microcoreos")
say([one.identity for one in found], [[one.name, one.state, one.source, str(one.root), one.reason, True] for one in found.withheld])
""",
}
PRELUDE_OF_LISTS = f"""
import json, os, sys
from registryclient import Registry
EXAMPLES = {str(EXAMPLES)!r}
def say(*values):
    print(json.dumps(values))
"""
KEPT = {  # host: group, package, name; what stays; where the list says that it is
    "honeyframe": ("honeyframe.plugins", "finance", "finance", ["_demo", "crm", "warehouse"],
                   ["install", str(EXAMPLES / "install/plugins/finance")]),
    "fastcms": ("fastcms.plugins", "hello-world", "hello-world", ["example-plugin"], ["Hello World", "1.0.0"]),
    "mountaineer": ("mountaineer.plugins", "mountaineer-status", "status", ["notes"],
                    ["projects", str(EXAMPLES / "mountaineer/projects/mountaineer-status")]),
    "microcoreos": ("microcoreos.plugins", "orders", "orders.OpenOrdersPlugin", ["mail.SendMailPlugin", "products.CreateProductPlugin"],
                    ["app", str(EXAMPLES / "microcoreos/domains/orders/plugins")]),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["walk-first", "registry-first", "compare"])
@pytest.mark.parametrize("host", KEPT)
def test_a_withheld_plugin_is_in_the_list_with_state_and_reason_and_is_not_loaded(host, mode):
    group, package, name, loaded_names, where = KEPT[host]
    row = {"group": group, "package": package, "name": name, "version": None, "code": "quarantined", "message": "It steals keys.",
           "since": "2026-11-30T12:00:00Z", "by": "admin:ops", "by_name": False}  # fmt: skip
    answer = {"environment": "default", "revision": 1, "groups": [group], "records": [], "decisions": [row], "known": [],
              "policy": {"plugins": "all", "max_snapshot_age_seconds": 2592000}, "settings": "included"}  # fmt: skip
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", answer)
        done = run_python("-c", PRELUDE_OF_LISTS + LISTS[host], REGISTRYD_URL=registry.url, REGISTRYD_MODE=mode)
    names, ((given, state, *place, reason, same),) = json.loads(done.out.splitlines()[-1])
    assert names == loaded_names and [given, state, same] == [name, "withheld", True] and place == where
    assert "It steals keys" in reason and "admin:ops" in reason and "quarantined" in reason
    assert f'"{name}"' in done.err and "is withheld (quarantined)" in done.err


# ---- FastCMS ----

LOAD = """
import json, sys
sys.path.insert(0, ".")
from registryclient.hosts.fastcms import load_plugins
events = []
class Context:
    def __init__(self, plugin_id, app, settings):
        events.append(["context", plugin_id, settings.get(plugin_id)])
        self.plugin_id = plugin_id
    def __getattr__(self, name):
        return lambda *args, **kwargs: events.append([name, self.plugin_id])
    def get_setting(self, key, default=None):
        return default
loaded = load_plugins("plugins", object(), {"hello-world": {"greeting": "Hello", "volume": 1}}, context=Context)
print(json.dumps([events, [meta["id"] for meta in loaded]]))
"""


def cms_record(name, folder, **parts):
    meta = {"id": name, "name": name.title(), "version": "1.0"}
    return record("fastcms.plugins", name, **{"value": f"plugins.{folder}:register", "manifest": meta, **parts})


def test_fastcms_keeps_its_order_of_events_and_reads_the_settings_of_the_environment():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            cms_record("example-plugin", "example_plugin", manifest=None),
            cms_record("fails-at-start", "fails_at_start"),
            cms_record("hello-world", "hello_world", settings={"greeting": "Good day", "loud": True}),
            cms_record("not-there", "not_there"),
        ]})  # fmt: skip
        done = run_python("-c", LOAD, cwd=EXAMPLES / "fastcms", REGISTRYD_URL=registry.url, REGISTRYD_MODE="registry")
    events, ids = json.loads(done.out)
    assert events == [
        ["context", "example-plugin", {}],
        ["include_router", "example-plugin"], ["on_record_create", "example-plugin"], ["add_admin_page", "example-plugin"],
        ["context", "fails-at-start", {}],
        ["context", "hello-world", {"greeting": "Good day", "volume": 1, "loud": True}],
        ["include_router", "hello-world"],
    ]  # fmt: skip
    assert ids == ["example-plugin", "hello-world"]
    assert "fails-at-start is skipped: the mail server does not answer" in done.err
    assert "not-there is skipped" in done.err and "pip install" in done.err


def test_the_settings_of_an_environment_reach_the_plugin(published):
    """Really: set in the registry, read by ctx.get_setting()."""
    options = {"REGISTRYD_URL": published.url, "REGISTRYD_MODE": "registry", "REGISTRYD_ENVIRONMENT": "cms"}
    assert published.put("/v1/environments/cms", {}).status == 201
    assert "Hello from Hello World" in run_host("fastcms", **options)
    document = {"plugins": {"hello-world": {"settings": {"greeting": "Moin"}}, "example-plugin": {"enabled": False}}}
    assert published.put("/v1/environments/cms", document).status == 200
    told = run_host("fastcms", **options)
    assert "Hello from Hello World" in told and "Moin" not in told, "settings are for those who may read them"
    told = run_host("fastcms", REGISTRYD_TOKEN=published.admin_token, **options)
    assert "Moin from Hello World" in told and "example-plugin" not in told
    walked = run_host("fastcms", **{**options, "REGISTRYD_MODE": "walk"})
    assert "Hello from Hello World" in walked and "example-plugin" in walked


# ---- Mountaineer and MicroCoreOS ----


def test_mountaineer_is_told_how_to_install_what_is_resolved_and_missing():
    script = "import with_registry, main; print([plugin.name for plugin in main.plugins()])"
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            record("mountaineer.plugins", "billing", value="mountaineer_billing.plugin:plugin", package="mountaineer-billing"),
            record("mountaineer.plugins", "notes", value="mountaineer_notes.plugin:plugin"),
        ]})  # fmt: skip
        out = run_script("mountaineer", script, REGISTRYD_URL=registry.url, REGISTRYD_MODE="registry")
    assert out.splitlines()[-1] == "['notes']"
    assert "billing is left out" in out and "mountaineer-billing==1.0" in out and "pip install" in out


INSTALLED = """
import sys
sys.path.insert(0, "standin")
from registryclient.hosts.mountaineer import plugins
print([plugin.name for plugin in plugins()])
"""


def test_mountaineer_finds_installed_packages_without_any_root(tmp_path):
    site = Site(tmp_path / "site")
    source = "from mountaineer.plugin import MountaineerPlugin\nplugin = MountaineerPlugin(name='billing')\n"
    site.add("mountaineer-billing", "2.0", {"mountaineer.plugins": {"billing": "billing.plugin:plugin"}},
             {"billing/__init__.py": "", "billing/plugin.py": source})  # fmt: skip
    site.add("mountaineer-gone", "1.0", {"mountaineer.plugins": {"gone": "gone.plugin:plugin"}})
    done = run_python("-c", INSTALLED, cwd=EXAMPLES / "mountaineer", PYTHONPATH=site.folder, REGISTRYD_MODE="walk")
    assert done.out == "['billing']\n" and "gone is left out" in done.err


TOOLS = """
import with_registry
from registryclient.hosts.microcoreos import discover_plugins
print([(plugin.identity, plugin.cls.__name__, plugin.tools) for plugin in discover_plugins(".")])
"""


def test_microcoreos_knows_the_tools_before_it_boots(published):
    for mode in ("walk", "registry"):
        out = run_script("microcoreos", TOOLS, REGISTRYD_URL=published.url, REGISTRYD_MODE=mode).splitlines()[-1]
        assert eval(out) == [
            ("mail.SendMailPlugin", "SendMailPlugin", ["mailer", "event_bus"]),
            ("orders.OpenOrdersPlugin", "OpenOrdersPlugin", ["http", "event_bus"]),
            ("products.CreateProductPlugin", "CreateProductPlugin", ["db", "http", "logger", "event_bus"]),
        ]


def test_microcoreos_asks_the_class_when_the_release_does_not_say():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            record("microcoreos.plugins", "orders.OpenOrdersPlugin",
                   value="domains.orders.plugins.open_orders_plugin:OpenOrdersPlugin"),
        ]})  # fmt: skip
        out = run_script("microcoreos", TOOLS, REGISTRYD_URL=registry.url, REGISTRYD_MODE="registry")
    assert eval(out.splitlines()[-1]) == [("orders.OpenOrdersPlugin", "OpenOrdersPlugin", ["http", "event_bus"])]


# ---- without a registry that answers ----


@pytest.fixture(scope="module")
def caches(published, tmp_path_factory):
    """Folders of snapshots: one pulled by Python, one by registryctl; from here on the registry is away."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("python", "registryctl")}
    url = {"REGISTRYD_URL": published.url}
    run_python("-c", "import registryclient; assert registryclient.Registry().refresh()",
               REGISTRYD_CACHE_DIR=folders["python"], **url)  # fmt: skip
    pulled = registryctl("snapshot", "pull", REGISTRYD_CACHE_DIR=str(folders["registryctl"]), **url)
    assert pulled.code == 0, pulled
    published.stop()
    return folders


@pytest.mark.parametrize("puller", ["python", "registryctl"])
@pytest.mark.parametrize("host", HOSTS)
def test_the_snapshot_answers_when_the_registry_is_away(published, caches, host, puller):
    """The last tests of the file. `helpdesk` is only in the directories: its absence tells who answered."""
    text = run_host(host, REGISTRYD_URL=published.url, REGISTRYD_CACHE_DIR=caches[puller], REGISTRYD_MODE="registry")
    assert loaded(text) == [line for line in loaded(run_host(host, "main.py")) if not line.startswith("helpdesk")]
    assert "does not answer" in text and "fills the gap" not in text
