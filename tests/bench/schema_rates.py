# SPDX-License-Identifier: MIT
"""A manifest of 4 KiB against a schema of 100 lines: how often a second here, and how often with Python's jsonschema."""

import json
import subprocess
import time

from jsonschema import Draft202012Validator

from tools import BUILD_DIR, median

WORD = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[a-z][a-z0-9_]*$"}
ROUTER = {
    "type": "object",
    "required": ["prefix", "module"],
    "additionalProperties": False,
    "properties": {
        "prefix": {"type": "string", "pattern": "^/"},
        "module": {"type": "string"},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/word"}, "uniqueItems": True, "maxItems": 20},
        "auth": {"enum": ["none", "user", "admin"]},
    },
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"word": WORD, "router": ROUTER},
    "type": "object",
    "required": ["name", "version", "routers"],
    "additionalProperties": False,
    "patternProperties": {"^x-": True},
    "properties": {
        "name": {"$ref": "#/$defs/word"},
        "version": {"type": "string", "pattern": r"^\d+(\.\d+)*$"},
        "title": {"type": "string"},
        "routers": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/router"}},
        "permissions": {"type": "array", "items": {"$ref": "#/$defs/word"}, "uniqueItems": True},
        "settings": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
        "navigation": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["label"],
                "properties": {"label": {"type": "string"}, "order": {"type": "integer", "minimum": 0}},
                "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
            },
        },
    },
}
MANIFEST = {
    "name": "crm",
    "version": "1.4.2",
    "title": "Customers",
    "routers": [
        {"prefix": f"/crm/{i}", "module": f"crm.routers.part_{i}", "tags": ["customers", f"part_{i}"], "auth": "user"}
        for i in range(25)
    ],
    "permissions": [f"crm_permission_{i}" for i in range(20)],
    "settings": {f"key_{i}": i for i in range(12)},
    "navigation": [{"label": f"Part {i}", "path": f"/crm/{i}", "order": i} for i in range(8)],
    "x-note": "left to the host",
}


def ours():
    lines = f"{json.dumps(SCHEMA)}\n{json.dumps(MANIFEST)}\n"
    done = subprocess.run([BUILD_DIR / "bench/bench_json_schema"], input=lines, text=True, capture_output=True, check=True)
    return float(done.stdout)


def theirs():
    validator = Draft202012Validator(SCHEMA)
    start = time.perf_counter()
    done = 0
    while time.perf_counter() - start < 1:
        assert not list(validator.iter_errors(MANIFEST))
        done += 1
    return done / (time.perf_counter() - start)


def measure(rounds):
    """(what, our rate, jsonschema's rate), measured in turns."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    size = len(json.dumps(MANIFEST))
    lines = len(json.dumps(SCHEMA, indent=2).splitlines())
    yield f"manifest of {size} bytes checked by a schema of {lines} lines", *(median(side) for side in zip(*pairs))
