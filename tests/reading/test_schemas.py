# SPDX-License-Identifier: MIT
"""The JSON Schemas are right: valid themselves, complete, and of one mind with the program.

What the registry takes, the schema takes; what the schema refuses, the registry refuses; and what we
write (documents, records, parity reports) keeps its schema.
"""

import json
import os
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, RefResolver
from release_probe import ask

ROOT = Path(os.environ["REGISTRYD_SOURCE_DIR"])
DATA = ROOT / "tests" / "data"
SCHEMAS = {path.name.split(".")[0]: json.loads(path.read_text()) for path in (ROOT / "schema").glob("*.schema.json")}
STORE = {schema["$id"]: schema for schema in SCHEMAS.values()}

# What no schema can say, or what Python's json and re read more leniently (a lone surrogate, a line
# break before the end): folders of tests/data/release/invalid that are well-formed for the schema.
BEYOND = {
    "duplicate-key",
    "duplicate-key-inside",
    "license",
    "lone-surrogate",
    "manifest-of-another-group",
    "manifest-without-entry-point",
    "name-with-newline",
    "requires-python",
    "requires-python-bare",
    "too-deep",
    "version-is-none",
    "version-semver-prerelease",
}


def validator(name):
    schema = SCHEMAS[name]
    return Draft202012Validator(schema, resolver=RefResolver.from_schema(schema, store=STORE))


def cases(kind, validity, file):
    return sorted((DATA / kind).glob(f"{validity}/*/{file}"))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_is_a_schema(name):
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_the_schema_knows_every_field():
    table = (ROOT / "schema/release/release_fields.c").read_text()
    blocks = re.findall(r"const struct release_field (\w+)\[\w*\] = \{(.*?)\n\};", table, re.DOTALL)
    keys = {name: set(re.findall(r'\{"(\w+)",', text)) for name, text in blocks}
    schema = SCHEMAS["release"]
    assert set(schema["properties"]) == keys["release_fields"]
    assert set(schema["$defs"]["person"]["properties"]) == keys["person_fields"]
    assert set(schema["properties"]["provenance"]["properties"]) == keys["provenance_fields"]


@pytest.mark.parametrize("path", cases("release", "valid", "input.json"), ids=lambda path: path.parent.name)
def test_what_the_registry_takes_the_schema_takes(path):
    validator("release").validate(json.loads(path.read_text()))
    expected = json.loads((path.parent / "expected.json").read_text())
    validator("release").validate(expected["document"])


def loaded(path):
    """What a lenient JSON parser makes of it, or None."""
    try:
        return json.loads(path.read_bytes().decode())
    except (ValueError, UnicodeDecodeError):
        return None


@pytest.mark.parametrize("path", cases("release", "invalid", "input.json"), ids=lambda path: path.parent.name)
def test_what_the_schema_can_refuse_it_refuses(path):
    document = loaded(path)
    if document is None:
        assert json.loads((path.parent / "expected.json").read_text())["status"] == "malformed"
        return
    refused = not validator("release").is_valid(document)
    assert refused == (path.parent.name not in BEYOND)


# What no schema can say of an environment: facts that disagree, two spellings of a name, depth.
BEYOND_ENVIRONMENT = {"description-of-two-lines", "duplicate-key", "facts-disagree", "marker-no-version",
                      "settings-too-deep", "two-spellings"}


@pytest.mark.parametrize("path", cases("environment", "valid", "*.json"), ids=lambda path: path.parent.name)
def test_what_the_registry_takes_as_an_environment_the_schema_takes(path):
    document = json.loads(path.read_text())
    validator("environment").validate(document["document"] if path.name == "expected.json" else document)


@pytest.mark.parametrize("path", cases("environment", "invalid", "input.json"), ids=lambda path: path.parent.name)
def test_what_the_schema_can_refuse_of_an_environment_it_refuses(path):
    document = loaded(path)
    status = json.loads((path.parent / "expected.json").read_text())["status"]
    refused = document is None and status == "malformed" or not validator("environment").is_valid(document)
    assert refused == (path.parent.name not in BEYOND_ENVIRONMENT)


def test_documents_made_by_the_readers_keep_the_schema():
    questions = [("pyproject", path) for path in cases("pyproject", "valid", "pyproject.toml")]
    for path in cases("manifest", "valid", "plugin.yaml"):
        slug = json.loads((path.parent / "expected.json").read_text())["slug"]
        questions.append(("manifest", path, slug))
    check = validator("release")
    for question, answer in zip(questions, ask(questions)):
        assert answer["status"] == "ok", question
        check.validate(answer["document"])


def test_findings_of_every_reader_keep_the_schema():
    finding = SCHEMAS["record"]["$defs"]["finding"]
    check = Draft202012Validator(finding, resolver=RefResolver.from_schema(SCHEMAS["record"], store=STORE))
    questions = [("release", path) for path in cases("release", "*", "input.json")]
    questions += [("pyproject", path) for path in cases("pyproject", "*", "pyproject.toml")]
    questions += [("manifest", path, "crm") for path in cases("manifest", "*", "plugin.yaml")]
    seen = 0
    for answer in ask(questions):
        for each in answer["errors"] + answer["warnings"]:
            check.validate(each)
            seen += 1
    assert seen > 100


def record(name, source, **changes):
    base = dict.fromkeys(SCHEMAS["record"]["$defs"]["record"]["required"])
    base.update(group="g", name=name, source=source, value="m:a", package=name, version="1", warnings=[], errors=[])
    base.update(changes)
    return base


def test_parity_reports_keep_the_schema(tmp_path):
    fault = {"code": "x", "where": None, "message": "broken", "hint": None}
    walk = [
        record("same", "walk", manifest={"a": [1]}),
        record("alone", "walk", label="install", origin="/x"),
        record("value", "walk", value="m:b"),
        record("version", "walk", version="2"),
        record("lost", "walk", shadowed_by="/y"),
        record("broken", "walk", value=None, errors=[fault], warnings=[fault]),
    ]
    registry = [record(name, "registry") for name in ("same", "value", "version", "there")]
    file = tmp_path / "question.json"
    file.write_text(json.dumps({"group": "g", "walk": walk, "registry": registry}))
    (report,) = ask([("parity", file)])
    validator("parity").validate(report)
    lists = ("only_walk", "only_registry", "value", "version", "shadowed", "invalid")
    assert [len(report[key]) for key in lists] == [1, 1, 1, 1, 1, 1]
    assert report["same"] == 1 and report["equal"] is False
    assert report["invalid"][0] == walk[5]


def json_blocks(page):
    text = (ROOT / "docs" / page).read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_examples_in_the_pages_keep_their_schemas():
    blocks = json_blocks("HTTP.md")
    problems = [block for block in blocks if "type" in block and "code" in block]
    resolutions = [block for block in blocks if "records" in block and "releases" not in block]  # no lock
    assert problems and resolutions
    for block in problems:
        validator("problem").validate(block)
    for block in resolutions:
        validator("resolution").validate(block)


def test_examples_of_the_release_page_are_releases(tmp_path):
    documents = json_blocks("RELEASE.md")
    assert documents
    for number, document in enumerate(documents):
        validator("release").validate(document)
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    answers = ask([("release", path) for path in sorted(tmp_path.glob("*.json"))])
    assert [answer["status"] for answer in answers] == ["ok"] * len(documents)
    assert not any(answer["warnings"] for answer in answers)


def test_the_release_page_has_a_row_for_every_field():
    page = (ROOT / "docs" / "RELEASE.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)` ", page, re.MULTILINE))
    assert set(SCHEMAS["release"]["properties"]) <= rows
