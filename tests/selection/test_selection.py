# SPDX-License-Identifier: MIT
"""Selection against a second implementation of the same rules (reference.py), over random catalogues and
environments: the same releases, the same codes, the same order, whole and in pages. SELECTION_CASES says
how many (2,000); SELECTION_SEED which."""

import json
import os
import random
import subprocess
from pathlib import Path

import catalogues
import pytest
import reference

PROBE = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests/selection_probe"
CASES = int(os.environ.get("SELECTION_CASES", "2000"))
SEED = int(os.environ.get("SELECTION_SEED", "1"))
CODES = {"quarantined", "held", "disabled", "not-enabled", "outside-pin", "yanked", "too-new", "requires-python",
         "requires-host", "marker-unknown", "no-compatible-artifact", "unknown-permission", "requires-plugin",
         "prerelease", "superseded"}


@pytest.fixture(scope="module")
def probe():
    with subprocess.Popen([PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        def ask(case):
            process.stdin.write(json.dumps(case) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"the probe ended at {json.dumps(case)}"
            return json.loads(line)
        yield ask


def check(answer, case):
    """That an answer is the reference's. The case is in the message, ready to be asked again."""
    expected = reference.select(case)
    message = json.dumps(case)
    assert answer["records"] == expected["records"], message
    assert [one[:3] for one in answer["excluded"]] == expected["excluded"], message
    assert answer["paged_records"] == answer["records"], message
    assert answer["paged_excluded"] == answer["excluded"], message
    assert all(len(one[3]) > 10 for one in answer["excluded"]), message


def test_the_same_as_the_reference(probe):
    told = set()
    taken = 0
    for number in range(CASES):
        case = catalogues.case(random.Random(f"{SEED}-{number}"))
        answer = probe(case)
        check(answer, case)
        told |= {one[2] for one in answer["excluded"]}
        taken += len(answer["records"])
    assert told == CODES and taken > CASES // 2, "the catalogues must meet every rule"


def test_packages_that_require_each_other(probe):
    """Chains, cycles, extras, pre-releases, pins; and what is in none of the groups asked for."""
    given_up = taken = cycles = 0
    for number in range(2 * CASES):
        case = catalogues.chain_case(random.Random(f"{SEED}-chain-{number}"))
        answer = probe(case)
        check(answer, case)
        given_up += sum(one[2] == "requires-plugin" for one in answer["excluded"])
        taken += len(answer["records"])
        world = reference.world_of(case, reference.Host(case))
        cycles += any(name in world.reached(name) for name in world.releases)
    assert given_up > CASES and taken > 2 * CASES and cycles > CASES


def test_an_answer_expires_when_a_release_comes_of_age(probe):
    case = {"packages": [{"name": "crm", "status": "active", "releases": [
                {**catalogues.release(random.Random(1), version), "yanked": None, "quarantined": None,
                 "requires_python": None, "published_ms": published, "entries": [["app.plugins", "a", None]]}
                for version, published in (("2.0", 990_000), ("1.0", 100_000))]}],
            "contracts": {}, "environment": {"policy": {"min_age_seconds": 60}}, "limit": 1, "now_ms": 1_000_000,
            "query": {"groups": ["app.plugins"], "python": None, "have": [], "markers": [], "tags": [],
                      "prereleases": None}}  # fmt: skip
    young = probe(case)
    assert young["records"][0][3] == "1.0" and young["expires_ms"] == 1_050_000
    assert young["excluded"][0][2:] == ["too-new", young["excluded"][0][3], "1970-01-01T00:17:30Z"]
    case["now_ms"] = young["expires_ms"]
    assert probe(case)["records"][0][3] == "2.0"
    case["now_ms"] -= 1
    assert probe(case)["records"][0][3] == "1.0"


def age_case(plugin, published_ms=990_000):
    release = {**catalogues.release(random.Random(1), "2.0"), "yanked": None, "quarantined": None,
               "requires_python": None, "published_ms": published_ms, "entries": [["app.plugins", "a", None]]}
    return {"packages": [{"name": "crm", "status": "active", "releases": [release]}], "contracts": {}, "limit": 1,
            "environment": {"policy": {"min_age_seconds": 60}, "plugins": {"crm": plugin}}, "now_ms": 1_000_000,
            "query": {"groups": ["app.plugins"], "python": None, "have": [], "markers": [], "tags": [],
                      "prereleases": None}}  # fmt: skip


def test_an_answer_expires_with_an_exception(probe):
    case = age_case({"allow": {"too-new": {"until": "1970-01-01T00:16:50Z", "reason": "a fix"}}})
    excepted = probe(case)
    assert excepted["records"][0][3] == "2.0" and excepted["expires_ms"] == 1_010_000
    case["now_ms"] = 1_010_000
    over = probe(case)
    assert not over["records"] and over["excluded"][0][2] == "too-new" and over["expires_ms"] == 1_050_000


def test_an_exception_for_age_silences_nothing_else(probe):
    case = age_case({"allow": {"too-new": {"until": "2027-01-01", "reason": "a fix"}}})
    assert probe(case)["records"]
    for member, value, code in (("quarantined", "bad", "quarantined"), ("yanked", "slow", "yanked")):
        other = json.loads(json.dumps(case))
        other["packages"][0]["releases"][0][member] = value
        assert [one[2] for one in probe(other)["excluded"]] == [code]
    case["packages"][0]["status"] = "quarantined"
    assert [one[2] for one in probe(case)["excluded"]] == ["quarantined"]
