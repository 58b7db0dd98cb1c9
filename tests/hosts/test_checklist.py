# SPDX-License-Identifier: MIT
"""What the documents of the four hosts promise their users, on the example hosts, in all five modes and with both
engines. docs/HOSTS.md names a test of this file, or of another one, for each statement.

One registry, one environment for each question; each host runs once for an environment and an engine, in one process
for all modes."""

import functools
import json
import shutil
from pathlib import Path

import pytest
from support.daemon import SOURCE_DIR
from support.python_program import run_python
from support.registryctl import registryctl

DRIVER = Path(__file__).with_name("host_driver.py")
MODES = ("walk", "compare", "walk-first", "registry-first", "registry")
ASKED = MODES[1:]  # those that ask the registry
# host: (group, its roots, what runs, what is broken with the reason, what one row says)
HOSTS = {
    "honeyframe": (
        "honeyframe.plugins", ["install=install/plugins", "data=data/plugins"], ["_demo", "crm", "finance", "warehouse"],
        {"helpdesk": "plugin.yaml:7"},
        {"name": "crm", "title": "CRM", "version": "0.3.0", "package": "crm", "source": "install", "router_count": 2}),
    "fastcms": (
        "fastcms.plugins", ["plugins=fastcms/plugins"], ["example-plugin", "hello-world"],
        {"fails-at-start": "the mail server does not answer", "no-version": 'no "version"'},
        {"name": "hello-world", "title": "Hello World", "version": "1.0.0", "package": "hello-world", "source": "plugins",
         "router_count": 1}),
    "mountaineer": (
        "mountaineer.plugins", ["projects=mountaineer/projects"], ["notes", "status"], {"broken": "mountaineer_legacy_pages"},
        {"name": "notes", "title": "notes", "version": "1.2.0", "package": "mountaineer-notes", "source": "projects",
         "router_count": 1}),
    "microcoreos": (
        "microcoreos.plugins", ["app=microcoreos"], ["orders.OpenOrdersPlugin", "products.CreateProductPlugin"],
        {"mail.PrintLetterPlugin": "letter_press", "mail.SendMailPlugin": "there is no tool mailer"},
        {"name": "products.CreateProductPlugin", "title": "products.CreateProductPlugin", "version": "1.0.0", "package": "products",
         "source": "app", "router_count": 1}),
}  # fmt: skip
# What is quarantined: package, and the entry point that it takes from the host.
KEPT = {"honeyframe": ("finance", "finance"), "fastcms": ("hello-world", "hello-world"),
        "mountaineer": ("mountaineer-status", "status"), "microcoreos": ("orders", "orders.OpenOrdersPlugin")}  # fmt: skip


# What the environment "single" says about one entry point of a package: the one of KEPT is disabled, this one is deprecated.
OLD = {"honeyframe": ("crm", "crm"), "fastcms": ("example-plugin", "example-plugin"),
       "mountaineer": ("mountaineer-notes", "notes"), "microcoreos": ("products", "products.CreateProductPlugin")}  # fmt: skip


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """A copy of the hosts. No plugin of an example can be found by another way than its host's."""
    folder = tmp_path_factory.mktemp("hosts") / "examples"
    for name in ("install", "data", *HOSTS):
        shutil.copytree(SOURCE_DIR / "docs/examples" / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def published(daemon, examples):
    """A registry with every plugin that can be published, and an environment for each question."""
    for group, roots, *_ in HOSTS.values():
        done = registryctl("publish", "--all", "--version", "1.0.0", *roots, cwd=examples,
                           REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)  # fmt: skip
        assert [one for one in done.json if one["outcome"] == "published"], done
    for name in ("plain", "settings"):
        assert daemon.put(f"/v1/environments/{name}", {}).status == 201
    states = {package: {"state": "disabled"} for package, _ in KEPT.values()}
    assert daemon.put("/v1/environments/kept", {"plugins": states}).status == 201
    single = {}
    for host, (group, *_) in HOSTS.items():
        (disabled, name), (deprecated, old) = KEPT[host], OLD[host]
        single[disabled] = {"entry_points": {group: {name: {"state": "disabled"}}}}
        single[deprecated] = {"entry_points": {group: {old: {"deprecated": {"message": "Use the new one", "successor": "new-one"}}}}}
    assert daemon.put("/v1/environments/single", {"plugins": single}).status == 201
    one = {"fastcms.plugins": {"hello-world": {"settings": {"greeting": "Ahoj"}}}}
    changed = {"hello-world": {"settings": {"greeting": "Servus", "loud": True}, "entry_points": one}}
    assert daemon.put("/v1/environments/own", {"plugins": changed}).status == 201
    changed = {"hello-world": {"settings": {"greeting": "Moin"}}}
    assert daemon.put("/v1/environments/settings", {"plugins": changed}).status == 200
    return daemon


@pytest.fixture(scope="module")
def run(published, examples):
    """What a host did in an environment: {mode: …}."""

    @functools.cache
    def once(host, environment, engine="native"):
        done = run_python(DRIVER, host, examples, *MODES, cwd=examples / host, REGISTRYD_URL=published.url,
                          REGISTRYD_ENVIRONMENT=environment, REGISTRYD_TOKEN=published.admin_token,
                          REGISTRYD_PYTHON_ENGINE=engine)  # fmt: skip
        return json.loads(done.out.splitlines()[-1])

    return once


def on_every_host(test):
    return pytest.mark.parametrize("host", HOSTS)(test)


# ---- discovery ----


@on_every_host
def test_what_is_found_runs_in_every_mode(run, host):
    """The same plugins start, and their routes answer the same, wherever they were found."""
    _, _, good, _, _ = HOSTS[host]
    did = run(host, "plain")
    assert {mode: did[mode]["runs"] for mode in MODES} == {mode: good for mode in MODES}
    assert all(did[mode]["answers"] == did["walk"]["answers"] for mode in MODES) and did["walk"]["answers"]


@on_every_host
def test_a_broken_plugin_stops_no_other_and_is_logged(run, host):
    _, _, good, broken, _ = HOSTS[host]
    for mode in MODES:
        did = run(host, "plain")[mode]
        assert did["runs"] == good
        for name, reason in broken.items():
            if name in did["rows"]:
                assert any(name.rpartition(".")[2] in line and reason in line for line in did["log"]), (mode, name, did["log"])


# ---- the list of plugins ----


@on_every_host
def test_the_list_has_every_plugin_with_its_facts(published, run, host):
    """Name, version, source, routers, state, errors and the link to the settings; also of the broken ones."""
    _, _, good, broken, facts = HOSTS[host]
    for mode in MODES:
        rows = run(host, "plain")[mode]["rows"]
        expected = dict(facts, version=None) if host == "microcoreos" and mode in ("walk", "compare", "walk-first") else facts
        row = rows[facts["name"]]
        assert {key: row[key] for key in expected} == expected, mode
        assert [row["state"], row["errors"], row["hint"]] == ["ok", [], None]
        link = f"{published.url}/environments/plain/plugins/{facts['package']}/settings"
        assert row["settings_url"] == (None if mode == "walk" else link)
        assert {name for name, row in rows.items() if row["state"] == "ok"} == set(good), mode
        known = {name for name in broken if name in rows}
        assert known == set(broken) or mode == "registry"  # what cannot be published is not in a registry
        assert all(rows[name]["state"] == "error" and broken[name] in rows[name]["errors"][0] for name in known), (mode, rows)


def test_the_link_to_the_settings_leads_to_a_page(published, run):
    link = run("fastcms", "plain")["walk-first"]["rows"]["hello-world"]["settings_url"]
    page = published.get(link.removeprefix(published.url), token=published.admin_token, headers={"Accept": "text/html"})
    assert page.status == 200 and "hello-world" in page.body.decode()


@on_every_host
def test_the_list_is_the_same_with_both_engines(run, host):
    native, pure = run(host, "kept"), run(host, "kept", "pure")
    for mode in MODES:
        assert native[mode]["runs"] == pure[mode]["runs"]
        for name, row in native[mode]["rows"].items():
            other = pure[mode]["rows"][name]
            if "malformed" in str(row["errors"]):  # the two parsers of YAML say it in words of their own
                row, other = ({**one, "errors": [one["errors"][0].partition(": ")[0]]} for one in (row, other))
            assert row == other, (mode, name)


# ---- decisions ----


@on_every_host
def test_a_disabled_plugin_does_not_run_and_the_list_says_why(run, host):
    _, _, good, _, _ = HOSTS[host]
    package, name = KEPT[host]
    did = run(host, "kept")
    assert did["walk"]["runs"] == good  # nobody was asked, and the log says so
    assert any("decisions-not-asked" in line for line in did["walk"]["log"])
    for mode in ASKED:
        assert did[mode]["runs"] == [one for one in good if one != name], mode
        row = did[mode]["rows"].get(name)
        if mode == "registry":
            assert row is None  # the registry alone gives what may run; there is no directory to keep it from
            continue
        assert row["state"] == "withheld" and "[disabled]" in row["errors"][0], mode
        assert row["hint"] and package in row["hint"], row
        assert any("is withheld (disabled)" in line for line in did[mode]["log"])


@on_every_host
def test_one_entry_point_is_disabled_or_deprecated_alone(run, host):
    """The others of its package are not concerned; what is deprecated runs, with a warning that names its successor."""
    _, _, good, _, _ = HOSTS[host]
    (_, name), (_, old) = KEPT[host], OLD[host]
    did = run(host, "single")
    for mode in ASKED:
        assert did[mode]["runs"] == [one for one in good if one != name], mode
        row = did[mode]["rows"].get(name)
        assert (row is None) if mode == "registry" else (row["state"], "[disabled]" in row["errors"][0]) == ("withheld", True), mode
        warnings = " ".join(did[mode]["rows"][old]["warnings"])
        assert did[mode]["rows"][old]["state"] == "ok" and "[deprecated]" in warnings and "Use the new one" in warnings, (mode, warnings)


# ---- settings ----


def test_settings_of_the_environment_reach_the_plugin(run):
    """hello-world says its greeting: in every mode that asks, the one of the environment."""
    did = run("fastcms", "settings")
    said = {mode: did[mode]["answers"]["/api/v1/plugins/hello-world/hello"]["message"] for mode in MODES}
    assert said == {mode: f"{'Hello' if mode == 'walk' else 'Moin'} from Hello World plugin!" for mode in MODES}


def test_settings_of_one_entry_point_count_over_those_of_its_package(run):
    did = run("fastcms", "own")
    said = {mode: did[mode]["answers"]["/api/v1/plugins/hello-world/hello"]["message"] for mode in ASKED}
    assert said == dict.fromkeys(ASKED, "Ahoj from Hello World plugin!")


# ---- contributions ----


def given(run, host, kind, key):
    """{key of an item: names of the plugins it comes from}, by mode."""
    def names(item):
        one = item.get("origins") or item.get("publishers") or [item["origin"]]
        return [origin["name"] for origin in one]

    return {mode: {item[key]: names(item) for item in run(host, "plain")[mode]["contributions"][kind]} for mode in MODES}


def in_every_mode(value):
    return {mode: value for mode in MODES}


def test_permissions_navigation_and_seed_groups_of_honeyframe_are_known_with_their_origin(run):
    assert given(run, "honeyframe", "navigation", "path") == in_every_mode({
        "/crm/customers": ["crm"], "/crm/accounts": ["crm"], "/finance/invoices": ["finance"], "/warehouse/stock": ["warehouse"]})  # fmt: skip
    assert given(run, "honeyframe", "permissions", "name")["registry"] == {
        "customer.read": ["crm"], "customer.edit": ["crm"], "account.read": ["crm"], "invoice.read": ["finance"],
        "invoice.approve": ["finance"], "stock.read": ["warehouse"]}  # fmt: skip
    for mode in MODES:
        document = run("honeyframe", "plain")[mode]["contributions"]
        groups = {one["name"]: one["permissions"] for one in document["seed_groups"]}
        assert groups["crm_viewer"] == ["customer.read", "account.read"] and len(groups) == 5, mode
        assert [one["path"] for one in document["dbt_workspaces"]] == ["dbt/"] and document["conflicts"] == []
        assert [one["path"] for one in document["frontend_entries"]] == ["frontend/src/index.tsx"]


def test_what_is_withheld_contributes_nothing(run):
    for mode in ASKED:
        document = run("honeyframe", "kept")[mode]["contributions"]
        assert not [one for one in document["permissions"] if one["name"].startswith("invoice")], mode


def test_endpoints_and_events_of_microcoreos_are_known_before_anything_runs(run):
    assert given(run, "microcoreos", "endpoints", "path") == in_every_mode({
        "/products": ["products.CreateProductPlugin"], "/orders/open": ["orders.OpenOrdersPlugin"]})  # fmt: skip
    for mode in MODES:
        document = run("microcoreos", "plain")[mode]["contributions"]
        (made,) = [one for one in document["endpoints"] if one["path"] == "/products"]
        assert (made["method"], made["tags"], made["request_model"], made["response_model"]) == (
            "POST", ["Products"], "CreateProductRequest", "CreateProductResponse")  # fmt: skip
        (event,) = document["events"]
        assert event["name"] == "product.created" and [one["name"] for one in event["publishers"]] == ["products.CreateProductPlugin"]
        assert [one["name"] for one in event["subscribers"]] == ["mail.SendMailPlugin", "orders.OpenOrdersPlugin"], mode


def test_the_kind_of_a_mountaineer_plugin_is_known(run):
    for mode in MODES:
        kinds = {one["name"]: one.get("kind") for one in run("mountaineer", "plain")[mode]["contributions"]["plugins"]}
        assert (kinds["notes"], kinds["status"], kinds["broken"]) == ("mixed", "router-only", "view-backed"), mode


# ---- collisions ----


def test_the_first_root_wins_and_the_other_is_logged(run):
    for mode in MODES:
        did = run("honeyframe", "plain")[mode]
        assert [did["rows"]["crm"]["source"], did["rows"]["crm"]["version"]] == ["install", "0.3.0"], mode
        assert any("crm" in line and "shadowed" in line for line in did["log"]) or mode == "registry"


# ---- the hosts' own pages and commands ----

ASK = """
import asyncio, json, sys
sys.path.insert(0, "")
async def ask(app, method, path, body=None, token="admin"):
    sent = []
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"application/json")],
             "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": ""}
    async def receive(): return {"type": "http.request", "body": json.dumps(body).encode() if body else b""}
    async def send(message): sent.append(message)
    await app(scope, receive, send)
    return [sent[0]["status"], json.loads(sent[1]["body"])]
SETTINGS = "/api/v1/admin/plugins/hello-world/settings"
"""
PAGES = {
    "main": "import main; app = main.make_app()",
    "with_registry": "import with_registry, main; app = main.make_app()",
}


def ask(examples, program, question, **environment):
    script = f"{ASK}{PAGES[program]}\nprint(json.dumps([asyncio.run(ask(app, *one)) for one in {question!r}]))"
    return json.loads(run_python("-c", script, cwd=examples / "fastcms", **environment).out.splitlines()[-1])


def test_fastcms_lists_its_plugins_on_its_page(published, examples):
    """Today: what was loaded, with name, version, author and a link. With the client: every plugin, and why one does not run."""
    ((status, today),) = ask(examples, "main", [("GET", "/admin/plugins")])
    assert status == 200 and [row["id"] for row in today] == ["example-plugin", "hello-world"]
    assert today[1] == {"id": "hello-world", "name": "Hello World", "version": "1.0.0", "author": "The examples", "router_count": 1,
                        "settings_url": "/api/v1/admin/plugins/hello-world/settings"}  # fmt: skip
    ((status, listed),) = ask(examples, "with_registry", [("GET", "/admin/plugins")], REGISTRYD_URL=published.url,
                              REGISTRYD_MODE="walk-first", REGISTRYD_ENVIRONMENT="kept")  # fmt: skip
    assert status == 200 and [(row["name"], row["state"]) for row in listed] == [
        ("example-plugin", "ok"), ("fails-at-start", "error"), ("hello-world", "withheld"), ("no-version", "error")]  # fmt: skip


def test_an_administrator_changes_settings_over_the_hosts_own_route(published, examples):
    """A patch that names only what changes; the next start has it. Who is no administrator is refused."""
    change = [("PATCH", "/api/v1/admin/plugins/hello-world/settings", {"greeting": "Servus"})]
    environment = {"REGISTRYD_URL": published.url, "REGISTRYD_ENVIRONMENT": "changed", "REGISTRYD_TOKEN": published.admin_token,
                   "REGISTRYD_MODE": "walk-first"}  # fmt: skip
    assert published.put("/v1/environments/changed", {"plugins": {"hello-world": {"settings": {"loud": True}}}}).status == 201
    assert ask(examples, "main", [(*change[0], "nobody")])[0][0] == 403
    assert ask(examples, "main", change)[0] == [200, {"greeting": "Servus"}]
    assert ask(examples, "with_registry", change, **environment)[0] == [200, {"greeting": "Servus", "loud": True}]
    ((status, said),) = ask(examples, "with_registry", [("GET", "/api/v1/plugins/hello-world/hello")], **environment)
    assert [status, said["message"]] == [200, "Servus from Hello World plugin!"]


@on_every_host
def test_the_command_of_a_host_prints_its_list(published, examples, host):
    done = run_python(examples / host / "with_registry.py", "plugins", REGISTRYD_URL=published.url, REGISTRYD_ENVIRONMENT="kept",
                      REGISTRYD_MODE="walk-first")  # fmt: skip
    lines = [line for line in done.out.splitlines() if not line.startswith(("WARNING", "ERROR"))]
    assert lines[0].split() == ["NAME", "VERSION", "SOURCE", "ROUTERS", "STATE", "SETTINGS"]
    _, _, good, broken, _ = HOSTS[host]
    _, name = KEPT[host]
    states = {line.split()[0]: line.split()[4] for line in lines[1:] if line.startswith("  ")}
    assert states == {**dict.fromkeys(good, "ok"), **dict.fromkeys(broken, "error"), name: "withheld"}
    assert any(line.startswith(f"{name}: ") and "[disabled]" in line for line in lines)
