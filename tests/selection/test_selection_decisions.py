# SPDX-License-Identifier: MIT
"""The decisions of an answer against a second implementation (decision_reference.py), over the random
catalogues of the selection with owners of packages and groups. SELECTION_CASES says how many (2,000)."""

import json
import random

import catalogues
import decision_reference
from test_selection import CASES, SEED, probe  # noqa: F401, a fixture

TEAMS = ("north", "south", None)


def case(chance):
    found = catalogues.case(chance)
    for package in found["packages"]:
        package["owner"] = chance.choice(TEAMS)
    groups = ("app", "app.plugins", "other")
    found["owners"] = {group: chance.choice(TEAMS[:2]) for group in groups
                       if chance.random() < 0.2 and group not in found["contracts"]}
    return found


def test_the_same_as_the_reference(probe):  # noqa: F811
    told, by_name = set(), {True: 0, False: 0}
    for number in range(CASES):
        asked = case(random.Random(f"decisions-{SEED}-{number}"))
        answer, message = probe(asked), json.dumps(asked)
        assert answer["decisions"] == decision_reference.decide(asked), message
        assert answer["paged_decisions"] == answer["decisions"], message
        told |= {row[4] for row in answer["decisions"]}
        for row in answer["decisions"]:
            by_name[row[5]] += row[4] in ("quarantined", "disabled")
    assert told == {"quarantined", "disabled", "not-enabled", "outside-pin", "yanked", "deprecated", "settings",
                    "unknown-permission", "known", "owner"}, "the catalogues must meet every code"
    assert min(by_name.values()) > CASES // 20, by_name
