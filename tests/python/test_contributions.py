# SPDX-License-Identifier: MIT
"""registryclient.contributions(): the table of cases that the C merge follows too, and the same document as registryctl from
directories, a registry and a snapshot, with both engines."""

import json

import pytest
from support import python
from support.daemon import SOURCE_DIR
from support.registryctl import registryctl

EXAMPLES = SOURCE_DIR / "docs/examples"
ROOTS = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]
GROUPS = ("honeyframe.plugins", "microcoreos.plugins", "mountaineer.plugins")
TABLE = SOURCE_DIR / "tests/data/contributions/cases.json"
CASES = json.loads(TABLE.read_text())

MERGE = """
import json, sys
from registryclient._contributions import Contributions

class Record:
    def __init__(self, row):
        self.group, self.name, self.package, self.version, self.manifest = (row[key] for key in ("group", "name", "package", "version", "manifest"))
        self.shadowed_by, self.errors = row.get("shadowed"), [1] if row.get("broken") else []

print(json.dumps([Contributions(map(Record, case["records"])).to_dict() for case in json.load(open(sys.argv[1]))]))
"""

ASK = """
import json, sys
import registryclient
mode, groups, options = json.loads(sys.argv[1])
found = registryclient.contributions(*groups, mode=mode, **options)
assert found.navigation == found.to_dict()["navigation"] and "navigation" in dir(found) and not hasattr(found, "nothing")
assert registryclient.Registry(**options).contributions(*groups, mode=mode).to_dict() == found.to_dict()
print(json.dumps(found.to_dict()))
"""


def test_every_case_is_merged_as_by_the_library():
    done = python.run(MERGE, TABLE)
    for case, document in zip(CASES, json.loads(done.stdout)):
        for kind, expected in case["expect"].items():
            assert document[kind] == expected, (case["what"], kind)


@pytest.fixture(scope="module")
def published(daemon):
    token = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
    registryctl("publish", "--all", *ROOTS, EXAMPLES / "mountaineer/projects", **token)
    for domain in ("mail", "orders", "products"):
        done = registryctl("publish", "--convention", "microcoreos", "--version", "1.0", EXAMPLES / "microcoreos/domains" / domain, **token)
        assert done.code == 0, done
    return daemon


def ask(mode, engine, options, **environment):
    return json.loads(python.run(ASK, json.dumps([mode, GROUPS, options]), REGISTRYD_PYTHON_ENGINE=engine, **environment).stdout)


@pytest.mark.parametrize("engine", ["native", "pure"])
def test_registry_and_snapshot_give_what_registryctl_gives(published, tmp_path, engine):
    url = {"REGISTRYD_URL": published.url}
    expected = registryctl("contributions", *GROUPS, **url).json
    assert expected["endpoints"] and expected["events"] and expected["navigation"] and expected["plugins"]
    assert ask("registry", engine, {"facts": {}}, **url) == expected
    snapshot = tmp_path / "all.snapshot"
    assert registryctl("snapshot", "pull", snapshot, **url).code == 0
    assert ask("registry", engine, {"snapshot": str(snapshot), "facts": {}}, REGISTRYD_URL="http://127.0.0.1:9") == expected


@pytest.mark.parametrize("engine", ["native", "pure"])
def test_directories_give_what_registryctl_gives(engine):
    roots = [*ROOTS, str(EXAMPLES / "microcoreos"), str(EXAMPLES / "mountaineer/projects")]
    expected = registryctl("contributions", *GROUPS, *(f"--root={root}" for root in roots)).json
    assert ask("walk", engine, {"roots": roots}) == expected and expected["unknown"]
