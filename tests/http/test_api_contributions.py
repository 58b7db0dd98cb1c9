# SPDX-License-Identifier: MIT
"""What the plugins of an environment contribute: merged from the manifests of documents, directories and wheels, with
conflicts; only of what the environment gives its hosts."""

from support.artifacts import wheel
from support.environments import address, create, ok, patch

NAV = {"nav": [{"label": "Customers", "path": "/x"}], "permissions": ["x.read"],
       "seed_groups": [{"name": "admin", "permissions": ["x.read"]}]}
LOGIN = """
from core import BasePlugin
class Login(BasePlugin):
    def __init__(self, http, bus): ...
    async def on_boot(self):
        self.http.add_endpoint("/login/{name}", "POST", self.run, tags=["Users"], request_model=Request)
        await self.bus.subscribe("user.created", self.run)
        await self.bus.publish("user.seen", {})
"""


def contributions(registry, environment, *groups, more=""):
    named = "&".join(f"group={group}" for group in groups)
    return ok(registry.get(f"/v1/environments/{environment}/contributions?{named}{more}"))


def test_conflicts_name_both_owners_and_end_with_a_disabled_plugin(registry):
    group, environment = registry.new_name("contrib.g"), registry.new_name("env-")
    one, other = sorted((registry.new_name("one"), registry.new_name("other")))
    for name in (one, other):
        registry.publish(name, "1.0", {group: {name: "m:a"}}, manifests={group: {name: NAV}})
    create(registry, environment, {})
    both = contributions(registry, environment, group)
    origins = [{"group": group, "name": name, "package": name, "version": "1.0"} for name in (one, other)]
    assert [item["origin"] for item in both["navigation"]] == origins and both["groups"] == [group]
    assert both["permissions"] == [{"group": group, "name": "x.read", "origins": origins}]
    assert {row["code"]: row["origins"] for row in both["conflicts"]} == {
        "navigation-path-shared": origins, "seed-group-shared": origins}
    assert f'"{one}" of {one}, "{other}" of {other}' in both["conflicts"][0]["message"]
    patch(registry, address(environment), {"plugins": {other: {"enabled": False}}})
    alone = contributions(registry, environment, group)
    assert alone["conflicts"] == [] and [item["origin"]["package"] for item in alone["navigation"]] == [one]
    assert alone["revision"] == both["revision"] + 1


def test_a_document_of_another_host_and_facts(registry):
    group, environment = registry.new_name("contrib.g"), registry.new_name("env-")
    old, bare = registry.new_name("old"), registry.new_name("bare")
    registry.publish(old, "1.0", {group: {"a": "m:a"}}, manifests={group: {"a": {"permissions": ["one"]}}})
    registry.publish(old, "2.0", {group: {"a": "m:a"}}, manifests={group: {"a": {"permissions": ["two"]}}}, requires_python=">=3.12")
    registry.publish(bare, "1.0", {group: {"b": "m:a"}})
    create(registry, environment, {})
    for python, permission in (("3.11", "one"), ("3.13", "two")):
        answer = contributions(registry, environment, group, more=f"&python={python}")
        assert [row["name"] for row in answer["permissions"]] == [permission]
        assert answer["unknown"] == [{"group": group, "name": "b", "package": bare, "version": "1.0", "reason": "no-manifest"}]


def test_a_wheel_contributes_what_its_source_says(registry):
    environment = registry.new_name("env-")
    create(registry, environment, {"policy": {"plugins": "listed"}})
    for domain in ("contriba", "contribb"):
        filename, data = wheel(domain, "1.0", f"[microcoreos.plugins]\n{domain}.Login = domains.{domain}.plugins.login_plugin:Login\n",
                               files={f"domains/{domain}/plugins/login_plugin.py": LOGIN.encode()})
        sent = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
        assert sent.status == 201, sent.body
    patch(registry, address(environment), {"plugins": {"contriba": {"enabled": True}, "contribb": {"enabled": True}}})
    answer = contributions(registry, environment, "microcoreos.plugins")
    assert [(row["method"], row["path"], row["tags"], row["request_model"], row["origin"]["name"]) for row in answer["endpoints"]] == [
        ("POST", "/login/{name}", ["Users"], "Request", "contriba.Login"), ("POST", "/login/{name}", ["Users"], "Request", "contribb.Login")]
    (shared,) = answer["conflicts"]
    assert (shared["code"], shared["subject"]) == ("endpoint-shared", "POST /login/{}")
    seen = {row["name"]: ([one["name"] for one in row["publishers"]], [one["name"] for one in row["subscribers"]]) for row in answer["events"]}
    assert seen == {"user.seen": (["contriba.Login", "contribb.Login"], []), "user.created": ([], ["contriba.Login", "contribb.Login"])}


def test_a_mountaineer_wheel_states_its_kind_and_its_prefixes(registry):
    name, environment = registry.new_name("peaks"), registry.new_name("env-")
    filename, data = wheel(name, "1.0", f"[mountaineer.plugins]\n{name} = {name}.plugin:plugin\n", files={
        f"{name}/plugin.py": (f'router = APIRouter(prefix="/{name}-api")\n'
                              f'plugin = MountaineerPlugin(name="{name}", controllers=[Main], router=router)\n').encode(),
        f"{name}/controllers/main.py": f'class Main(ControllerBase):\n    url = "/{name}/all"\n'.encode(),
        f"{name}/views/_static/main.js": b"", f"{name}/views/_ssr/main.js": b""})
    sent = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert sent.status == 201 and sent.json["warnings"] == [], sent.body
    create(registry, environment, {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True}}})
    answer = contributions(registry, environment, "mountaineer.plugins")
    assert [row["prefix"] for row in answer["router_prefixes"]] == [f"/{name}-api", f"/{name}"]
    assert [row["kind"] for row in answer["plugins"]] == ["mixed"]


def test_a_literal_manifest_completes_a_document(registry):
    """The document knows the entry point alone; the wheel's module says the permissions."""
    name, environment = registry.new_name("literal"), registry.new_name("env-")
    registry.publish(name, "1.0", {"honeyframe.plugins": {name: f"plugins.{name}:manifest"}})
    create(registry, environment, {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True}}})
    assert contributions(registry, environment, "honeyframe.plugins")["unknown"][0]["reason"] == "no-manifest"
    source = f"manifest = PluginManifest(name={name!r}, version='1.0', permissions=['{name}.read'])\n"
    filename, data = wheel(name, "1.0", f"[honeyframe.plugins]\n{name} = plugins.{name}:manifest\n",
                           files={f"plugins/{name}/__init__.py": source.encode()})
    sent = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert sent.status in (200, 201), sent.body
    answer = contributions(registry, environment, "honeyframe.plugins")
    assert [row["name"] for row in answer["permissions"]] == [f"{name}.read"] and answer["unknown"] == []


def test_an_answer_is_kept_and_wrong_questions_are_refused(registry, refused):
    group, environment = registry.new_name("contrib.g"), registry.new_name("env-")
    create(registry, environment, {})
    place = f"/v1/environments/{environment}/contributions"
    answer = registry.get(f"{place}?group={group}")
    assert registry.get(f"{place}?group={group}", headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    assert refused(registry.get(place), 400, "usage")["where"] == "?group"
    assert refused(registry.get(f"{place}?group={group}&environment=default"), 400, "usage")
    assert registry.get(f"{place}?group={group}&limit=1").status == 400
    assert registry.get(f"/v1/environments/{registry.new_name('nowhere')}/contributions?group={group}").status == 404
