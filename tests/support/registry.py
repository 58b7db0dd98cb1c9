# SPDX-License-Identifier: MIT
"""A daemon on a database that the test holds in its own hands: it can look into it, and take it away.

    with Cluster() as cluster, Registry(cluster) as registry:
        registry.publish("crm", "1.0", {"app.plugins": {"crm": "crm.plugin:plugin"}})
        registry.sql("SELECT count(*) FROM releases")
        registry.cluster.stop("immediate")
"""

import itertools
import json

from jsonschema import Draft202012Validator, RefResolver

from support.daemon import SOURCE_DIR, Daemon

SCHEMAS = [json.loads(path.read_text(encoding="utf-8"))
           for path in (SOURCE_DIR / "schema").glob("*.schema.json")]


def validator(title):
    """Of the schema with this title, with the others in reach."""
    schema = next(one for one in SCHEMAS if one["title"] == title)
    store = {one["$id"]: one for one in SCHEMAS}
    return Draft202012Validator(schema, resolver=RefResolver.from_schema(schema, store=store))


RESOLUTION = validator("Resolution")
PROBLEM = validator("Problem")


class Registry(Daemon):
    """A daemon with its database, and the few things every test of the API does."""

    def __init__(self, cluster, arguments=()):
        """`arguments`: more of them for the daemon."""
        self.cluster = cluster
        self.conninfo = cluster.create_database()
        self.names = itertools.count(1)
        as_daemon = self.conninfo.replace("user=postgres", "user=registryd_app")
        super().__init__(arguments=["--database-url", as_daemon,
                                    "--database-owner-url", self.conninfo, *arguments])

    def sql(self, statement):
        return self.cluster.sql(self.conninfo, statement)

    def new_name(self, stem="pkg"):
        """A package or group name nobody has used."""
        return f"{stem}{next(self.names)}"

    def publish(self, name, version, groups=None, **fields):
        """Publishes a release that must be new; `groups`: {group: {name: value}}."""
        document = {"name": name, "version": version, "entry_points": groups or {}, **fields}
        answer = self.put(f"/v1/packages/{name}/releases/{version}", document)
        assert answer.status == 201, answer.body
        return answer.json

    def resolve(self, query, token=None):
        answer = self.get(f"/v1/resolve?{query}", token=token)
        assert answer.status == 200, answer.body
        RESOLUTION.validate(answer.json)
        return answer.json


def check_problem(answer, status, code):
    """Every refusal has one shape. Gives the document back for more."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    assert answer.headers["ETag"] is None
    problem = answer.json
    PROBLEM.validate(problem)
    assert set(problem) == {"type", "title", "status", "detail", "code", "where", "errors",
                            "request_id"}
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:registryd:problem:{code}"
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem
