# SPDX-License-Identifier: MIT
"""The codes of left-out releases: the code, its page, the schema and the reference of the tests name the
same ones, in the same order."""

import json
import re

from tree import ROOT, text_of


def codes_in_code():
    rules = re.search(r"static const struct rule rules\[\] = \{(.*?)\n\};", text_of(ROOT, "registryd/rules/rules.c"), re.S)
    last = re.search(r'code = gave_way \? "([a-z-]+)" : "([a-z-]+)"', text_of(ROOT, "registryd/resolver/select.c"))
    between = re.search(r'code = "(requires-plugin)";', text_of(ROOT, "registryd/resolver/select.c"))
    return [*re.findall(r'\{"([a-z-]+)"', rules[1]), *between.groups(), *last.groups()]


def all_codes():
    """With that of frozen environments, which are not resolved by rules."""
    own = re.search(r'is_withheld \? "quarantined" : "([a-z-]+)"', text_of(ROOT, "registryd/resolver/frozen.c"))
    return [*codes_in_code(), own[1]]


def test_every_code_is_in_its_place_on_the_page():
    table = text_of(ROOT, "docs/RESOLUTION.md").split("| code | the release is excluded because |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.M) == all_codes()


def test_the_schema_knows_every_code():
    schema = json.loads(text_of(ROOT, "schema/resolution.schema.json"))
    assert schema["$defs"]["exclusion"]["properties"]["code"]["enum"] == all_codes()


def test_the_reference_gives_every_code_in_this_order():
    found = re.findall(r'(?:yield|code =) "([a-z-]+)"', text_of(ROOT, "tests/selection/reference.py"))
    last = re.search(r'code = "([a-z-]+)" if gave_way else "([a-z-]+)"', text_of(ROOT, "tests/selection/reference.py"))
    assert [*(code for code in found if code not in last.groups()), *last.groups()] == codes_in_code()
