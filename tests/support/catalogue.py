# SPDX-License-Identifier: MIT
"""A registry with a bit of everything the pages show: packages in every state, a group with a contract
and a conflict, environments with decisions and revisions, hosts that report."""

from support.artifacts import wheel

README = """# Analytics

Reports *by team*, **by month**, and `ad hoc`.

1. choose a report
2. [read on](https://example.org/docs)

> Numbers are of yesterday.

```python
from plugins.analytics import report
```
"""
GROUP = "honeyframe.plugins"
MANIFEST = {"name": "analytics", "version": "1.2.0", "display_name": "Analytics", "author": "Data team",
            "routers": ["plugins.analytics.reports:router", "plugins.analytics.exports:router"],
            "nav": [{"label": "Reports", "path": "/analytics"}], "permissions": ["report.read"]}


def put(registry, name, version, groups=None, **fields):
    document = {"name": name, "version": version, "entry_points": groups or {}, **fields}
    answer = registry.put(f"/v1/packages/{name}/releases/{version}", document)
    assert answer.status in (200, 201), answer.body


def ok(answer):
    assert answer.status in (200, 201), answer.body
    return answer.json


def record(name):
    return {"group": GROUP, "name": name, "value": f"plugins.{name}:manifest", "package": name, "version": "1.0",
            "source": "walk", "label": "data", "origin": f"data/plugins/{name}", "manifest": None, "warnings": [],
            "errors": [], "shadowed_by": None}


def report(registry, host, walk_only, same):
    lists = {key: [] for key in ("only_registry", "value", "version", "shadowed", "invalid")}
    parity = {"group": GROUP, "equal": not walk_only, "same": same, "only_walk": [record(name) for name in walk_only],
              **lists}
    ok(registry.post("/v1/reports", {"host": host, "convention": "plugin-yaml", "reports": [parity]}))


def publish(registry):
    for version, python in (("1.0.0", ">=3.9"), ("1.1.0", ">=3.10"), ("1.2.0", ">=3.11")):
        put(registry, "honeyframe-analytics", version, {GROUP: {"analytics": "plugins.analytics:manifest"}},
            summary="Reports by team and month", description=README, description_content_type="text/markdown",
            requires_python=python, requires_dist=["honeyframe>=4.1", "pandas>=2; python_version >= '3.10'"],
            keywords=["reports", "numbers"], classifiers=["Framework :: Honeyframe"], license_expression="MIT",
            authors=[{"name": "Data team", "email": "data@example.org"}],
            project_urls={"Homepage": "https://example.org/analytics"},
            manifests={GROUP: {"analytics": MANIFEST}})
    filename, data = wheel("honeyframe-analytics", "1.2.0", f"[{GROUP}]\nanalytics = plugins.analytics:manifest\n",
                           Requires_Python=">=3.11", Requires_Dist=["honeyframe>=4.1", "pandas>=2; python_version >= '3.10'"])
    ok(registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"}))
    put(registry, "honeyframe-crm", "0.4.0", {GROUP: {"crm": "plugins.crm:manifest"}}, summary="Customers and deals",
        description="Plain text\n  as it <stands>", classifiers=["Framework :: Honeyframe"])
    put(registry, "honeyframe-next", "5.0.0", {GROUP: {"next": "plugins.next:manifest"}},
        summary="Needs what is not there yet", requires_dist=["honeyframe>=5"])
    put(registry, "finance", "1.2.0", {GROUP: {"finance": "plugins.finance:manifest"}}, summary="Invoices and accounts")
    put(registry, "finance", "1.3.0", {GROUP: {"finance": "plugins.finance:manifest"}}, summary="Invoices and accounts")
    put(registry, "finance-classic", "0.9.0", {GROUP: {"finance": "classic.finance:manifest"}}, summary="The old one")
    put(registry, "shop-search", "2.0.0", {"fastcms.plugins": {"search": "plugins.search:register"}}, summary="Finds articles")


def decide(registry):
    ok(registry.put(f"/v1/groups/{GROUP}", {"owner": "Platform team", "description": "What Honeyframe mounts when it starts.",
                                             "conflict": "error", "kind": "callable"}))
    ok(registry.post("/v1/packages/finance/releases/1.3.0/yank", {"reason": "Rounds the wrong way"}))
    ok(registry.put("/v1/packages/finance-classic/status", {"status": "deprecated", "reason": "Moved.",
                                                           "replaced_by": "finance"}))
    document = {"description": "The customers' installation", "facts": {"python": "3.11.2", "have": {"honeyframe": "4.2.0"}}}
    ok(registry.put("/v1/environments/production", document))
    document["plugins"] = {"honeyframe-crm": {"enabled": True, "pin": "==0.4.0", "settings": {"currency": "EUR", "seats": 20}}}
    ok(registry.put("/v1/environments/production", document, headers={"If-Match": "*"}))


def hold(registry):
    """An environment with every state, exceptions and a minimum age; a held package and a held group."""
    ok(registry.put("/v1/packages/honeyframe-crm/hold", {"reason": "The maintainer's account is under review"}))
    ok(registry.put("/v1/groups/fastcms.plugins/hold", {"reason": "Release freeze until Monday"}))
    put(registry, "honeyframe-crm", "0.5.0", {GROUP: {"crm": "plugins.crm:manifest"}}, summary="Customers and deals",
        classifiers=["Framework :: Honeyframe"])
    ok(registry.put("/v1/environments/staging", {
        "facts": {"python": "3.11.2", "have": {"honeyframe": "4.2.0"}}, "policy": {"min_age_seconds": 864000},
        "plugins": {"finance": {"enabled": False}, "honeyframe-analytics": {"enabled": True, "allow": {
            "too-new": {"until": "2099-12-31T00:00:00Z", "reason": "Fixes the outage of Monday"}}},
            "honeyframe-crm": {"state": "allowed"}}}))


def fill(registry):
    """Publishes, decides, reports; gives the registry back."""
    publish(registry)
    decide(registry)
    hold(registry)
    contribute(registry)
    renew(registry)
    administer(registry)
    for walk_only, same in ((["helpdesk", "warehouse"], 2), (["helpdesk"], 3), ([], 4), ([], 4)):
        report(registry, "web-1", walk_only, same)
    for walk_only, same in ((["helpdesk"], 3), (["helpdesk"], 3)):
        report(registry, "web-2", walk_only, same)
    serial = ok(registry.get("/v1"))["serial"]
    assert registry.get(f"/v1?min_serial={serial}").status == 200
    return registry


def administer(registry):
    """Grants, one of them for some time, and reserved names."""
    for path in ("crm/publish:new/honeyframe-crm", "crm/yank/honeyframe-crm", "platform/environment/*", "platform/import/*?for_seconds=86400"):
        ok(registry.put(f"/v1/grants/{path}", None))
    ok(registry.put("/v1/reserved-names/acme", {"prefix": True, "team": "platform", "reason": "The name of our company"}))
    ok(registry.put("/v1/reserved-names/test", {"reason": "Nothing is called so"}))


def contribute(registry):
    """Two domains that own one endpoint, with events between them; and a plugin of each Mountaineer kind."""
    for domain, path, events in (("shop", "/products/{id}", {"publishes": ["product.created"]}),
                                 ("stock", "/products/{product_id}", {"subscribes": ["product.created", "user.created"]})):
        put(registry, domain, "1.0", {"microcoreos.plugins": {f"{domain}.Create": f"domains.{domain}.plugins.create_plugin:Create"}},
            manifests={"microcoreos.plugins": {f"{domain}.Create": {"class": "Create", "endpoints": [
                {"method": "POST", "path": path, "tags": ["Products"], "request_model": "CreateProductRequest",
                 "response_model": "CreateProductResponse"}], "tools": ["http"], **events}}})
    for name, kind in (("mountaineer-auth", "mixed"), ("mountaineer-status", "router-only")):
        put(registry, name, "1.0", {"mountaineer.plugins": {name: f"{name.replace('-', '_')}.plugin:plugin"}},
            manifests={"mountaineer.plugins": {name: {"name": name, "declares": ["router"], "kind": kind}}})


def renew(registry):
    """A deprecated group with its successor; in it a renamed and a deprecated entry point, and rules about single ones."""
    group = "billing.plugins"
    put(registry, "billing-mail", "1.2.0", {group: {"send-invoice": "billing_mail.send:Invoice", "remind": "billing_mail.remind:Reminder",
                                                     "dunning": "billing_mail.dunning:Dunning"}}, requires_dist=["billing>=0.5,<2"])
    ok(registry.put(f"/v1/groups/{group}", {"deprecated": {"message": "Hosts from 2.0 on read the other group", "successor": GROUP}}))
    path = "/v1/packages/billing-mail/entry-points"
    ok(registry.put(f"{path}/deprecation", {"group": group, "name": "remind", "message": "It sends one mail at a time",
                                            "successor": f"billing-mail:{group}:dunning"}))
    ok(registry.put(f"{path}/alias", {"group": group, "name": "invoice", "to": "send-invoice"}))
    ok(registry.put("/v1/environments/renewed", {"plugins": {"billing-mail": {"entry_points": {group: {
        "remind": {"state": "disabled", "deprecated": {"message": "Too slow here", "successor": f"billing-mail:{group}:dunning"}},
        "dunning": {"pin": "<2", "settings": {"days": 14}}}}}}}))


PAGES = {
    "home": "/", "packages": "/packages", "search": "/packages?q=analitics", "nothing": "/packages?q=zzzzzz",
    "package": "/packages/honeyframe-analytics", "misfit": "/packages/honeyframe-next/compatibility?environment=production",
    "release": "/packages/finance/releases/1.3.0", "entry-points": "/packages/honeyframe-analytics/entry-points",
    "versions": "/packages/honeyframe-analytics/versions?from=1.0.0&to=1.2.0", "compatibility": "/packages/honeyframe-analytics/compatibility",
    "files": "/packages/honeyframe-analytics/releases/1.2.0/files", "dependencies": "/packages/honeyframe-analytics/dependencies",
    "package-activity": "/packages/finance/activity",
    "find": "/entry-points", "found": "/entry-points?value=manifest", "found-none": "/entry-points?module=no.such", "referred": "/packages?q=plugins.finance%3Amanifest",
    "deprecated": "/packages/finance-classic", "groups": "/groups",
    "group": f"/groups/{GROUP}", "environments": "/environments", "environment": "/environments/production", "left-out": "/environments/production/left-out", "rollback": "/environments/production/rollback?revision=1",
    "staging": "/environments/staging", "held": "/packages/honeyframe-crm/compatibility?environment=staging",
    "held-group": "/groups/fastcms.plugins", "excepted": "/packages/honeyframe-analytics/compatibility?environment=staging",
    "too-new": "/packages/finance-classic/compatibility?environment=staging", "diff": "/environments/production/diff?from=1&to=2", "transition": "/transition",
    "renewed": "/packages/billing-mail/entry-points", "renewed-group": "/groups/billing.plugins", "rules": "/environments/renewed",
    "contributions": "/environments/default/contributions", "contributed-group": "/groups/microcoreos.plugins?q=POST+/products",
    "kinds": "/groups/mountaineer.plugins",
    "transition-group": f"/transition?group={GROUP}", "activity": "/activity", "activity-narrowed": "/activity?package=finance&kind=yank", "status": "/status", "sign-in": "/sign-in",
}  # fmt: skip
# What only those who signed in see.
SIGNED_IN_PAGES = {
    "admin": "/admin", "grants": "/admin/grants", "revoke-grant": "/admin/grants/revoke?team=crm&scope=yank&object=crm",
    "reserved-names": "/admin/reserved-names", "release-name": "/admin/reserved-names/acme/release", "audit": "/admin/audit",
    "contracts": "/admin/contracts", "audit-verified": "/admin/audit/verification",
    "tokens": "/tokens", "manage": "/packages/finance/manage", "manage-release": "/packages/finance/releases/1.2.0/manage",
    "settings": "/environments/production/plugins/honeyframe-crm/settings",
}  # fmt: skip
