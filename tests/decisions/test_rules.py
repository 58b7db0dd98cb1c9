# SPDX-License-Identifier: MIT
"""The reference itself (support/decision_rules.py), against the rules written down cell by cell."""

import pytest
from support import decision_rules

ROW = {"group": "g", "package": "acme-crm", "name": "crm", "version": None, "message": "decided", "by_name": False}
RECORD = {"group": "g", "name": "crm", "value": "m:a", "package": "acme-crm", "version": "1.0", "source": "walk",
          "origin": "dir/crm", "shadowed_by": None, "settings": None, "warnings": [], "errors": []}  # fmt: skip


def outcome(row, record=(), enforce="on", listed=False, records=()):
    """"withheld CODE", or "returned" with the codes of its warnings."""
    rows = [{**ROW, **row}] if row else []
    answer = {"records": [{**RECORD, "source": "registry", **one} for one in records], "decisions": rows, "listed": listed}
    returned, withheld = decision_rules.decide([{**RECORD, **dict(record)}], answer, enforce)
    if withheld:
        return " ".join(["withheld", *withheld[0]["errors"]])
    return " ".join(["returned", *returned[0]["warnings"]])


DISABLED = {"code": "disabled"}
BY_NAME = {"code": "disabled", "by_name": True}
PINNED = {"code": "outside-pin", "pin": ">=2"}
CELLS = [
    *(({"code": code}, {}, f"withheld {code}") for code in decision_rules.WITHHOLDING),
    ({"code": "quarantined", "version": "1.0.0"}, {}, "withheld quarantined"),
    ({"code": "quarantined", "version": "2.0"}, {}, "returned"),
    ({"code": "quarantined", "version": "1.0"}, {"version": None}, "returned decision-version-unknown"),
    ({"code": "quarantined", "version": "1.0"}, {"version": "main"}, "returned decision-version-unknown"),
    ({"code": "yanked", "version": "1.0"}, {}, "returned yanked"),
    ({"code": "deprecated"}, {}, "returned deprecated"),
    ({"code": "deprecated"}, {"version": None}, "returned deprecated"),
    (PINNED, {}, "returned outside-pin"),
    (PINNED, {"version": "2.1rc1"}, "returned"),
    (PINNED, {"version": None}, "returned decision-version-unknown"),
    ({"code": "of-the-future"}, {}, "returned"),
    # about a package of another name: only by_name, and only when the registry does not know the package
    (DISABLED, {"package": "crm"}, "returned"),
    (BY_NAME, {"package": "crm"}, "withheld disabled"),
    (BY_NAME, {"package": None}, "withheld disabled"),
    (BY_NAME, {"name": "hr", "package": "crm"}, "returned"),
    (DISABLED, {"name": "hr"}, "withheld disabled"),
    (DISABLED, {"group": "other"}, "returned"),
    # about one entry point alone
    ({"code": "disabled", "entry_only": True}, {}, "withheld disabled"),
    ({"code": "disabled", "entry_only": True}, {"name": "hr"}, "returned"),
    ({**BY_NAME, "entry_only": True}, {"package": None}, "withheld disabled"),
    ({"code": "deprecated", "entry_only": True, "successor": "acme-hr"}, {}, "returned deprecated"),
    ({"code": "deprecated", "entry_only": True}, {"name": "hr"}, "returned"),
    ({**PINNED, "entry_only": True}, {}, "returned outside-pin"),
    ({**PINNED, "entry_only": True}, {"name": "hr"}, "returned"),
    ({"code": "alias", "entry_only": True, "successor": "hr"}, {}, "returned alias"),
    ({"code": "alias", "entry_only": True, "successor": "hr"}, {"name": "hr"}, "returned"),
    ({"code": "enabled", "entry_only": True}, {}, "returned"),
    ({"code": "group-deprecated", "package": "*", "name": None, "successor": "other"}, {}, "returned"),
]  # fmt: skip


@pytest.mark.parametrize("row, record, expected", CELLS)
def test_a_row_and_a_record(row, record, expected):
    assert outcome(row, record) == expected


@pytest.mark.parametrize("enforce, expected", [
    ("strict", "withheld disabled"), ("on", "withheld disabled"), ("warn", "returned disabled"), ("off", "returned")])  # fmt: skip
def test_enforcement(enforce, expected):
    assert outcome(DISABLED, enforce=enforce) == expected


@pytest.mark.parametrize("enforce, expected", [
    ("strict", "withheld not-registered"), ("on", "returned not-registered"), ("warn", "returned not-registered"),
    ("off", "returned")])  # fmt: skip
def test_a_listed_environment_and_an_unknown_plugin(enforce, expected):
    assert outcome(None, enforce=enforce, listed=True) == expected
    assert outcome({"code": "known"}, enforce=enforce, listed=True) == "returned"
    assert outcome(None, enforce=enforce, listed=True, records=[{}]) == "returned"


def test_a_package_that_the_registry_knows_is_never_matched_by_name():
    assert outcome({**BY_NAME, "package": "stranger"}, records=[{}]) == "returned"
    assert outcome({**BY_NAME, "package": "stranger"}) == "withheld disabled"


@pytest.mark.parametrize("code, expected", [("disabled", "returned"), ("not-enabled", "returned"), ("quarantined", "withheld quarantined")])
def test_one_entry_point_is_enabled_in_spite_of_its_package(code, expected):
    rows = [{**ROW, "code": code, "name": "hr"}, {**ROW, "code": "enabled", "entry_only": True}]
    answer = {"records": [], "decisions": rows, "listed": True}
    returned, withheld = decision_rules.decide([RECORD], answer, "on")
    assert " ".join(["withheld", *withheld[0]["errors"]] if withheld else ["returned", *returned[0]["warnings"]]) == expected
    returned, withheld = decision_rules.decide([{**RECORD, "name": "bi"}], answer, "on")
    assert not returned and withheld[0]["errors"] == [code]


def test_settings_of_an_entry_point_go_before_those_of_its_package():
    rows = [{**ROW, "code": "settings", "name": name, "settings": {"of": name}} for name in (None, "crm", "hr")]
    answer = {"records": [], "decisions": rows, "listed": False}
    returned, _ = decision_rules.decide([RECORD, {**RECORD, "name": "bi"}], answer, "on")
    assert [one["settings"] for one in returned] == [{"of": "crm"}, {"of": None}]


def test_settings_come_with_every_level():
    row = {**ROW, "name": None, "code": "settings", "settings": {"a": 1}}
    for enforce in decision_rules.ENFORCE:
        returned, _ = decision_rules.decide([RECORD], {"records": [], "decisions": [row], "listed": False}, enforce)
        assert returned[0]["settings"] == {"a": 1}


def test_a_withheld_record_shadows_nothing_and_leaves_no_gap():
    roots = [[{**RECORD, "origin": "one"}], [{**RECORD, "origin": "two", "package": "other"}]]
    given = [{**RECORD, "source": "registry", "origin": "three", "package": "third", "value": "m:b"}]
    answer = {"records": given, "decisions": [{**ROW, "code": "disabled"}], "listed": False}
    case = {"enforce": "on", "roots": roots, "registry": answer, "kept": None, "kept_is_old": False}
    seen = {mode: [(one["origin"], one["shadowed_by"]) for one in decision_rules.discover({**case, "mode": mode})["records"]]
            for mode in decision_rules.MODES}  # fmt: skip
    assert seen["walk"] == [("one", None), ("two", "one")]
    assert seen["walk-first"] == [("two", None), ("three", "two")]
    assert seen["registry-first"] == [("two", None), ("three", "two")]  # nothing of "third" is on this host
    assert seen["registry"] == [("three", None)]
    assert seen["compare"] == [("two", None)]


OWNER = {**ROW, "package": "third", "name": None, "code": "owner"}


@pytest.mark.parametrize("walked, rows, expected", [
    ([{}], [], "walk"),
    ([{"package": None}], [], "walk"),
    # the given record loads what the walk found, unless that belongs to an installed distribution
    ([{"value": "m:b"}], [], "registry"),
    ([{"value": "m:b", "installed": True}], [], "walk"),
    # the walk found the package too, under this name or another one
    ([{"package": "third"}], [], "registry"),
    ([{}, {"package": "third", "name": "hr"}], [], "registry"),
    # who owns the group decides what its names are
    ([{}], [OWNER], "registry"),
    ([{}], [{**OWNER, "package": "*"}], "registry"),
    ([{}], [{**OWNER, "package": "another"}], "walk"),
    ([{}], [{**OWNER, "group": "another.group"}], "walk"),
    # a broken plugin loads nothing, so it keeps no name
    ([{"errors": ["broken"]}], [], "registry"),
    ([{"errors": ["broken"]}, {"origin": "dir/other"}], [], "walk"),
])  # fmt: skip
def test_who_answers_where_the_registry_leads(walked, rows, expected):
    given = {**RECORD, "source": "registry", "origin": "there", "package": "third", "value": "m:b"}
    case = {"mode": "registry-first", "enforce": "on", "roots": [[{**RECORD, **one} for one in walked]], "kept": None,
            "registry": {"records": [given], "decisions": rows, "listed": False}, "kept_is_old": False}  # fmt: skip
    answering = [one["source"] for one in decision_rules.discover(case)["records"]
                 if one["name"] == "crm" and one["shadowed_by"] is None and not one["errors"]]  # fmt: skip
    assert answering == [expected]
