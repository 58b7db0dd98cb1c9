# SPDX-License-Identifier: MIT
"""docs/openapi.yaml and docs/openapi.json are what generate.py makes of today's route table, and hold together: references lead
somewhere, schemas are schemas, path parameters are those of the path, and names are used once."""
import importlib.util
import os
import re

import pytest
import yaml
from jsonschema import Draft202012Validator
from tree import ROOT

SPEC = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "openapi" / "generate.py")
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)
TEXT = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
DOCUMENT = yaml.safe_load(TEXT)
METHODS = {"get", "put", "post", "patch", "delete"}
OPERATIONS = [(path, method, operation) for path, methods in DOCUMENT["paths"].items()
              for method, operation in methods.items()]


def resolve(document, pointer):
    for part in pointer.removeprefix("#/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def walk(value):
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


def parameters(operation):
    return [resolve(DOCUMENT, row["$ref"]) if "$ref" in row else row for row in operation["parameters"]]


def test_it_is_up_to_date():
    json_text = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert generate.make(os.environ["REGISTRYD_BUILD_DIR"]) == (TEXT, json_text), \
        "run: /usr/bin/python3 docs/openapi/generate.py BUILD_DIR"


def test_references_lead_somewhere():
    found = [item["$ref"] for item in walk(DOCUMENT) if isinstance(item, dict) and "$ref" in item]
    assert len(found) > 100
    for pointer in found:
        assert resolve(DOCUMENT, pointer) is not None


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_schemas_are_schemas(name):
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_component_is_used():
    used = set(re.findall(r"'#/components/(\w+/[\w-]+)", TEXT))
    unused = {f"{kind}/{name}" for kind in ("schemas", "parameters", "responses", "headers")
              for name in DOCUMENT["components"][kind]} - used
    # Only named by a merge patch, which is not the thing itself.
    assert unused <= {"schemas/PluginDecision", "schemas/Parity", "schemas/Contract", "schemas/Change"}, unused


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("path, method, operation", OPERATIONS,
                         ids=[f"{method} {path}" for path, method, _ in OPERATIONS])
def test_an_operation(path, method, operation):
    assert method in METHODS
    rows = parameters(operation)
    assert {row["name"] for row in rows if row["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
    assert all(row.get("required") for row in rows if row["in"] == "path")
    keys = [(row["in"], row["name"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert any(status.startswith("2") for status in operation["responses"]) and "default" in operation["responses"]
    assert ("requestBody" in operation) == ("x-max-body-bytes" in operation)
    assert method not in ("get", "delete") or "requestBody" not in operation
    assert (operation["security"] == []) == (operation["x-access"] == "none")
    if operation["x-access"] not in ("none", "read", "ask"):
        assert {"401", "403"} <= set(operation["responses"]) and {} not in operation["security"]


def test_a_route_that_is_not_described_is_seen():
    routes = [{"method": "GET", "path": "/v1/new", "access": "read", "description": "", "max_body_bytes": 0}]
    with pytest.raises(generate.Fault, match="/v1/new"):
        generate.paths_of(routes, {}, {})
    with pytest.raises(generate.Fault, match="GET /v1/gone"):
        generate.paths_of([], {"GET /v1/gone": {"id": "x"}}, {})
    with pytest.raises(generate.Fault, match="body"):
        generate.body_of({"method": "PUT", "path": "/x", "max_body_bytes": 5}, {"id": "x"})


def test_short_types():
    names = {"Token"}
    assert generate.type_of("[Token] or null", names) == {
        "type": ["array", "null"], "items": {"$ref": "#/components/schemas/Token"}}
    assert generate.type_of("a|b or null", names) == {"enum": ["a", "b", None]}
    assert generate.type_of("Token or null", names)["oneOf"][1] == {"type": "null"}
    with pytest.raises(generate.Fault):
        generate.type_of("Tokens", names)
