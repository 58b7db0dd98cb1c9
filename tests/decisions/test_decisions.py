# SPDX-License-Identifier: MIT
"""The library's decisions and merges against the reference (support/decision_rules.py) over random cases: the same
records, withheld plugins, warnings and diagnostics. DECISION_CASES says how many (20,000); DECISION_SEED which."""

import json
import os
import random
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from support import decision_cases, decision_rules

PROBE = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests/decision_probe"
CASES = int(os.environ.get("DECISION_CASES", "20000"))
SEED = int(os.environ.get("DECISION_SEED", "1"))
KEYS = ("group", "name", "value", "package", "version", "source", "origin", "shadowed_by", "settings")


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


def told(records):
    return [{**{key: one[key] for key in KEYS}, "warnings": sorted(one["warnings"]), "errors": one["errors"]}
            for one in records]  # fmt: skip


def check(answer, case):
    """That an answer is the reference's. The case is in the message, ready to be asked again."""
    expected = decision_rules.discover(case)
    message = json.dumps(case)
    assert told(answer["records"]) == told(expected["records"]), message
    assert told(answer["withheld"]) == told(expected["withheld"]), message
    assert sorted(answer["diagnostics"]) == expected["diagnostics"], message


def test_the_same_as_the_reference(probe):
    seen = Counter()
    for number in range(CASES):
        case = decision_cases.case(random.Random(f"{SEED}-{number}"))
        answer = probe(case)
        check(answer, case)
        seen.update(f"withheld {one['errors'][0]}" for one in answer["withheld"])
        seen.update(code for one in answer["records"] for code in one["warnings"])
        seen.update(answer["diagnostics"])
    expected = {f"withheld {code}" for code in (*decision_rules.WITHHOLDING, "not-registered")}
    expected |= {*decision_rules.WARNING, "decision-version-unknown", "not-registered", "decisions-not-asked", "decisions-unknown",
                 "decision-unknown", "snapshot-too-old", "enforce-warn", "enforce-off", "withheld",
                 "group-deprecated"}  # fmt: skip
    assert not expected - set(seen), "the cases must meet every rule"


@pytest.mark.parametrize("count", [1000])
def test_one_dense_group(probe, count):
    """Many plugins of one name with many rows: an index that misses a row would show here."""
    generator = random.Random(f"{SEED}-dense")
    walked = [decision_cases.record(generator, "walk", number) for number in range(count)]
    rows = {decision_cases.row_order(row): row for row in (decision_cases.decision(generator) for _ in range(count))}
    answer = {"records": [], "decisions": [rows[key] for key in sorted(rows)], "listed": True}
    case = {"group": decision_cases.GROUP, "mode": "walk-first", "roots": [walked], "registry": answer, "kept": None,
            "kept_is_old": False}  # fmt: skip
    for enforce in decision_rules.ENFORCE:
        asked = {**case, "enforce": enforce}
        given, expected = probe(asked), decision_rules.discover(asked)
        assert told(given["records"]) == told(expected["records"])
        assert told(given["withheld"]) == told(expected["withheld"])
