# SPDX-License-Identifier: MIT
"""Records as Python sees them, from the library and from a snapshot, are what registryctl prints: every member,
in its place, with manifests, findings and what is shadowed."""

import json
import subprocess

import pytest
from support import python

EXAMPLES = python.SOURCE_DIR / "docs/examples"
ROOTS = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]

CODE = """
import json, pickle, sys
import registryclient
registry = registryclient.Registry(roots=sys.argv[2:], snapshot=sys.argv[1])
walked, kept = registry.walk(), registry.lookup()
for found in (walked, kept, pickle.loads(pickle.dumps(walked)), [pickle.loads(pickle.dumps(one)) for one in kept]):
    print(json.dumps([one.to_dict() for one in found]))
print(walked.to_json())
print(json.dumps([all(one == two and hash(one) == hash(two) for one, two in zip(walked, kept)), len(walked), len(kept)]))
print(json.dumps([one.ok == (not one.errors and one.shadowed_by is None and one.value is not None) for one in walked]))
print(json.dumps([str(finding) for one in walked for finding in one.findings]))
"""


def registryctl(*arguments):
    command = [python.BUILD_DIR / "bin/registryctl", "--format", "json", *arguments]
    return json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    snapshot = tmp_path_factory.mktemp("place") / "plugins.snapshot"
    python.make_snapshot(snapshot, *ROOTS, convention="auto")
    lines = python.run(CODE, snapshot, *ROOTS).stdout.splitlines()
    return snapshot, [json.loads(line) for line in lines]


def test_records_of_the_library_and_of_a_snapshot_are_those_of_registryctl(told):
    snapshot, (walked, kept, walked_again, kept_again, text, *_) = told
    assert walked == walked_again == text == registryctl("walk", *ROOTS)
    assert kept == kept_again == registryctl("snapshot", "show", snapshot)
    assert walked == kept


def test_there_is_something_of_everything(told):
    walked = told[1][0]
    for member in ("manifest", "label", "origin", "version", "package", "shadowed_by", "warnings", "errors"):
        assert any(record[member] for record in walked), member
    assert any(record["value"] is None for record in walked)


def test_records_compare_and_tell(told):
    same, ok, findings = told[1][5:]
    assert same[0] and same[1] == same[2] > 3 and all(ok)
    assert any("helpdesk" in line and line.startswith("error: ") and "plugin.yaml:7" in line for line in findings)
