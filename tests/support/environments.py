# SPDX-License-Identifier: MIT
"""What the tests of environments over HTTP share: requests, and looking at what came of them."""
from support.registry import validator

ENVIRONMENT = validator("Environment")
GROUP = "honeyframe.plugins"
MERGE = {"Content-Type": "application/merge-patch+json"}


def address(name, rest=""):
    return f"/v1/environments/{name}{rest}"


def put(registry, name, document, **headers):
    return registry.put(address(name), document, headers=headers)


def patch(registry, path, body, **headers):
    return registry.request("PATCH", path, body, token=registry.admin_token, headers={**MERGE, **headers})


def ok(answer, status=200):
    assert answer.status == status, answer.body
    return answer.json


def create(registry, name, document=None):
    return ok(put(registry, name, document or {}), 201)


def document_of(registry, name, revision=None):
    query = f"?revision={revision}" if revision else ""
    shown = ok(registry.get(address(name, query), token=registry.admin_token))
    ENVIRONMENT.validate(shown["document"])
    return shown["document"]


def revision_of(registry, name):
    return ok(registry.get(address(name)))["revision"]


def plugin(registry, name, package, body, **headers):
    return patch(registry, address(name, f"/plugins/{package}"), body, **headers)


def rollback(registry, name, revision, **headers):
    return registry.post(address(name, "/rollback"), {"revision": revision}, headers=headers)


def counts(registry):
    """Changes of environments, audit events of them, revisions but the first of default."""
    (row,) = registry.sql("SELECT (SELECT count(*) FROM changes WHERE kind = 'environment'),"
                          " (SELECT count(*) FROM audit_events WHERE action = 'environment'),"
                          " (SELECT count(*) - 1 FROM environment_revisions)")
    return [int(value) for value in row]


def publish(registry, name, version, permissions=None, **fields):
    manifest = {"name": name, "version": version}
    if permissions is not None:
        manifest["permissions"] = permissions
    registry.publish(name, version, {GROUP: {name: f"plugins.{name}:manifest"}},
                     manifests={GROUP: {name: manifest}}, **fields)
