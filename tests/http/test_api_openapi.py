# SPDX-License-Identifier: MIT
"""docs/openapi.yaml, held against a daemon: what it answers is what is described, member by member, and every
address knows the parameters described and no other."""
import copy
import json

import pytest
import yaml
from jsonschema import Draft202012Validator, RefResolver

from support.daemon import SOURCE_DIR
from test_api_docs import EXAMPLES, filled, run  # noqa: F401 - the fixture

DOCUMENT = yaml.safe_load((SOURCE_DIR / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
PARAMETERS = DOCUMENT["components"]["parameters"]
EVERYWHERE = {"name", "version", "group", "environment", "team", "scope", "object", "id", "package", "sha256",
              "filename"}
SAMPLES = {"group": "honeyframe.plugins", "python": "3.11.2", "have": "honeyframe==4.2", "status": "active",
           "marker": "sys_platform=linux", "tag": "py3-none-any", "environment": "default", "with": "default"}
OPERATIONS = {f"{method.upper()} {path}": operation for path, methods in DOCUMENT["paths"].items()
              for method, operation in methods.items()}


def strict(schema):
    """The same, with no member allowed that is not described. What we take from schema/ is as it is there."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(item) for key, item in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


STRICT = copy.deepcopy(DOCUMENT)
for name, schema in DOCUMENT["components"]["schemas"].items():
    if not {"title", "$defs"} & set(schema):
        STRICT["components"]["schemas"][name] = strict(schema)


def validator(schema):
    return Draft202012Validator(schema, resolver=RefResolver("", STRICT))


def schema_of(operation, status):
    answer = operation["responses"][str(status)]
    return answer["content"]["application/json"]["schema"]


@pytest.mark.parametrize("title, command, expected", EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_an_answer_is_as_described(filled, title, command, expected):  # noqa: F811
    operation = OPERATIONS[title]
    status = next(status for status in operation["responses"] if status.startswith("2"))
    validator(schema_of(operation, status)).validate(run(filled, command))


def test_answers_to_administrators_are_as_described(registry):
    admin = registry.admin_token

    def check(method, path, title, body=None):
        answer = registry.request(method, path, body, token=admin)
        assert answer.status < 300, answer.body
        validator(schema_of(OPERATIONS[title], answer.status)).validate(answer.json)
        return answer.json
    made = check("POST", "/v1/tokens", "POST /v1/tokens", {"name": "laptop", "team": "crm", "scopes": ["read"]})
    check("GET", "/v1/tokens", "GET /v1/tokens")
    check("GET", "/v1/token", "GET /v1/token")
    check("GET", f"/v1/tokens/{made['id']}", "GET /v1/tokens/{id}")
    grant = "/v1/grants/crm/publish:new/crm"
    check("PUT", grant, "PUT /v1/grants/{team}/{scope}/{object}")
    check("GET", "/v1/grants", "GET /v1/grants")
    check("DELETE", grant, "DELETE /v1/grants/{team}/{scope}/{object}")
    check("PUT", "/v1/reserved-names/mine", "PUT /v1/reserved-names/{name}", {"prefix": True})
    check("GET", "/v1/reserved-names", "GET /v1/reserved-names")
    check("DELETE", "/v1/reserved-names/mine", "DELETE /v1/reserved-names/{name}")
    registry.publish("owned", "1.0")
    check("PUT", "/v1/packages/owned/owner", "PUT /v1/packages/{name}/owner", {"team": "crm"})
    check("POST", "/v1/secrets/rotate", "POST /v1/secrets/rotate", {"forget_lost": False})
    check("GET", "/v1/audit", "GET /v1/audit")
    check("GET", "/v1/audit/verification", "GET /v1/audit/verification")
    check("POST", f"/v1/tokens/{made['id']}/revoke", "POST /v1/tokens/{id}/revoke", {"reason": "lost"})
    check("POST", "/v1/tokens/revoke-leaked", "POST /v1/tokens/revoke-leaked", {"token": made["token"]})


def names_of(operation):
    return {(PARAMETERS[row["$ref"].rsplit("/", 1)[1]] if "$ref" in row else row)["name"]
            for row in operation["parameters"] if "$ref" in row or row["in"] == "query"}


def sample(row):
    schema = row["schema"].get("items", row["schema"])
    value = SAMPLES.get(row["name"]) or schema.get("enum", [None])[0] or schema.get("minimum")
    return value if value is not None else "x"


@pytest.mark.parametrize("title", [title for title in OPERATIONS if title.startswith("GET /v1")])
def test_parameters_are_those_described(registry, title):
    """Whatever else is wrong with a request, an unknown parameter is told first."""
    path = title.split(" ", 1)[1]
    for name in EVERYWHERE:
        path = path.replace("{%s}" % name, "1")
    described = names_of(OPERATIONS[title])
    required = "".join(f"&{row['name']}={sample(row)}" for row in OPERATIONS[title]["parameters"]
                       if row.get("required") and row["in"] == "query")
    for row in PARAMETERS.values():
        more = required if row["name"] not in required else ""
        answer = registry.get(f"{path}?{row['name']}={sample(row)}{more}", token=registry.admin_token)
        problem = answer.json if answer.status >= 400 else {}
        is_unknown = problem.get("code") == "usage" and (
            "is not known here" in problem["detail"] or "A snapshot is complete" in problem["detail"])
        assert is_unknown == (row["name"] not in described), (title, row["name"], problem)


def test_problems_are_as_described(registry):
    answer = registry.get("/v1/packages/nothing-here")
    validator({"$ref": "#/components/schemas/Problem"}).validate(answer.json)
    assert json.loads(answer.body)["code"] == "not-found"
