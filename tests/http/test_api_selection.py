# SPDX-License-Identifier: MIT
"""Selection over HTTP: environments and their changes, the question's facts over them, contracts of
groups, pages; and the seams, each with its settled answer."""

import time

import pytest

GROUP = "seams.plugins"
MERGE = {"Content-Type": "application/merge-patch+json"}


def ok(answer):
    assert answer.status in (200, 201), answer.body
    return answer.json


def set_environment(registry, document, name=None):
    """Makes an environment; its name."""
    name = name or registry.new_name("env-")
    registry.serial = ok(registry.put(f"/v1/environments/{name}", document))["serial"]
    return name


def patch_plugin(registry, environment, package, document):
    path = f"/v1/environments/{environment}/plugins/{package}"
    answer = registry.request("PATCH", path, document, token=registry.admin_token, headers=MERGE)
    registry.serial = ok(answer)["serial"]


def set_contract(registry, group, **contract):
    registry.serial = ok(registry.put(f"/v1/groups/{group}", contract))["serial"]


def ask(registry, query, environment=None, token=None):
    """A resolution that explains, of a state that has what this test changed."""
    query += f"&environment={environment}" if environment else ""
    return registry.resolve(f"{query}&explain=1&min_serial={getattr(registry, 'serial', 0)}", token)


def taken(answer):
    return [(r["name"], r["package"], r["version"]) for r in answer["records"]]


def left_out(answer):
    return [(e["version"], e["code"]) for e in answer["excluded"]]


@pytest.fixture
def group(registry):
    return registry.new_name("seam.group")


# ---- the seams ----


def test_a_newer_release_dropped_the_group(registry, group):
    name = registry.new_name("dropped")
    registry.publish(name, "1.0", {group: {"a": "m:a"}})
    registry.publish(name, "2.0", {"seam.another": {name: "m:a"}})
    answer = ask(registry, f"group={group}")
    assert taken(answer) == [] and left_out(answer) == [("1.0", "superseded")]
    assert answer["excluded"][0]["detail"] == (
        "Version 2.0 is newer and fits; it has no entry points in these groups")


def test_the_only_release_is_a_prerelease(registry, group):
    name = registry.new_name("early")
    registry.publish(name, "1.0b1", {group: {"a": "m:a"}})
    assert taken(ask(registry, f"group={group}")) == [("a", name, "1.0b1")]
    assert taken(ask(registry, f"group={group}&prereleases=0")) == [("a", name, "1.0b1")]


def test_a_pin_to_a_yanked_release(registry, group):
    name = registry.new_name("yanked")
    for version in ("1.0", "1.1"):
        registry.publish(name, version, {group: {"a": "m:a"}})
    ok(registry.post(f"/v1/packages/{name}/releases/1.0/yank", {"reason": "too slow"}))
    pinned = set_environment(registry, {"plugins": {name: {"pin": "==1.0"}}})
    answer = ask(registry, f"group={group}", pinned)
    assert taken(answer) == [("a", name, "1.0")] and left_out(answer) == [("1.1", "outside-pin")]
    warning, = answer["records"][0]["warnings"]
    assert warning["code"] == "yanked" and "too slow" in warning["message"]
    unpinned = ask(registry, f"group={group}")
    assert taken(unpinned) == [("a", name, "1.1")] and unpinned["records"][0]["warnings"] == []
    assert left_out(unpinned) == [("1.0", "yanked")]


def test_a_marker_with_an_unknown_variable(registry, group):
    name = registry.new_name("marked")
    registry.publish(name, "1.0", {group: {"a": "m:a"}},
                     requires_dist=['honeyframe>=4; sys_platform == "linux"', 'x; os_name == "nt"'])
    answer = ask(registry, f"group={group}&have=honeyframe==4.2")
    assert taken(answer) == [] and left_out(answer) == [("1.0", "marker-unknown")]
    assert "sys_platform" in answer["excluded"][0]["detail"]
    for query in ("&have=honeyframe==4.2&marker=sys_platform=linux", "&have=honeyframe==3&marker=sys_platform=win32", ""):
        assert taken(ask(registry, f"group={group}{query}")) == [("a", name, "1.0")]


@pytest.mark.parametrize("bound, version, fits", [
    (">=4.2", "4.2", True), (">=4.2", "4.2.0", True), (">4.2", "4.2", False), ("<4.2", "4.2", False),
    ("<=4.2", "4.2.0.0", True), ("==4.2", "4.2.0", True), ("!=4.2", "4.2", False), ("<5", "5.0rc1", False),
    (">=4.2", "4.2rc1", False), (">=4", "5.0rc1", True), ("~=4.2", "4.2", True), ("~=4.2", "5.0", False)])
def test_a_host_version_exactly_at_a_bound(registry, bound, version, fits):
    group, name = registry.new_name("seam.bound"), registry.new_name("bound")
    registry.publish(name, "1.0", {group: {"a": "m:a"}}, requires_dist=[f"Honey_Frame{bound}"])
    answer = ask(registry, f"group={group}&have=honey.frame=={version}")
    assert taken(answer) == ([("a", name, "1.0")] if fits else [])
    assert left_out(answer) == ([] if fits else [("1.0", "requires-host")])


def test_disabled_in_one_environment_only(registry, group):
    name = registry.new_name("switched")
    registry.publish(name, "1.0", {group: {"a": "m:a"}})
    off = set_environment(registry, {"plugins": {name: {"enabled": False}}})
    other = set_environment(registry, {})
    assert left_out(ask(registry, f"group={group}", off)) == [("1.0", "disabled")]
    for environment in (None, "default", other):
        assert taken(ask(registry, f"group={group}", environment)) == [("a", name, "1.0")]


def test_unknown_groups_are_empty_and_unknown_environments_are_not_there(registry, refused):
    assert ask(registry, "group=seam.nobody")["records"] == []
    problem = refused(registry.get("/v1/resolve?group=seam.nobody&environment=nowhere"), 404, "not-found")
    assert problem["where"] == "?environment" and "nowhere" in problem["detail"]
    late = "late-" + registry.new_name("env")
    refused(registry.get(f"/v1/resolve?group=seam.nobody&environment={late}"), 404, "not-found")
    set_environment(registry, {}, late)
    assert ask(registry, "group=seam.nobody", late)["environment"] == late


@pytest.mark.parametrize("contract, expected", [
    (None, {"one": (None, ["name-conflict"]), "two": (None, ["name-conflict"]), "six": (None, ["name-conflict"])}),
    ({"description": "Nothing of names"}, {"one": (None, ["name-conflict"]), "two": (None, ["name-conflict"]),
                                           "six": (None, ["name-conflict"])}),
    ({"conflict": "all"}, {"one": (None, []), "two": (None, []), "six": (None, [])}),
    ({"conflict": "error"}, {"one": (None, ["name-conflict"]), "two": (None, ["name-conflict"]),
                             "six": (None, ["name-conflict"])}),
    ({"conflict": "first"}, {"one": (None, []), "two": ("one", ["name-conflict"]),
                             "six": ("one", ["name-conflict"])}),
    ({"conflict": "priority", "priority": ["{two}"]},
     {"one": ("two", ["name-conflict"]), "two": (None, []), "six": ("two", ["name-conflict"])}),
    ({"conflict": "priority", "priority": ["nobody", "{six}", "{two}"]},
     {"one": ("six", ["name-conflict"]), "two": ("six", ["name-conflict"]), "six": (None, [])}),
    ({"conflict": "priority", "priority": []},
     {"one": (None, []), "two": ("one", ["name-conflict"]), "six": ("one", ["name-conflict"])}),
])
def test_two_packages_with_one_name(registry, group, contract, expected):
    stem = registry.new_name("rival")
    names = {short: f"{stem}-{letter}" for short, letter in (("one", "a"), ("two", "b"), ("six", "c"))}
    for name in names.values():
        registry.publish(name, "1.0", {group: {"same": "m:a", f"own-{name}": "m:a"}})
    ask(registry, f"group={group}")  # the contract changes afterwards
    if contract:
        priority = [one.format(**names) for one in contract.get("priority", [])]
        set_contract(registry, group, **{**contract, **({"priority": priority} if "priority" in contract else {})})
    answer = ask(registry, f"group={group}")
    records = {r["package"]: r for r in answer["records"] if r["name"] == "same"}
    for short, (winner, codes) in expected.items():
        record = records[names[short]]
        assert record["shadowed_by"] == (winner and f"/v1/packages/{names[winner]}/releases/1.0")
        kind = "errors" if (contract or {}).get("conflict") == "error" else "warnings"
        assert [finding["code"] for finding in record[kind]] == codes
    own = [r for r in answer["records"] if r["name"] != "same"]
    assert len(own) == 3 and not any(r["shadowed_by"] or r["warnings"] or r["errors"] for r in own)


# ---- environments ----


def test_the_question_overrides_the_environment_key_by_key(registry, group):
    name = registry.new_name("facts")
    registry.publish(name, "1.0", {group: {"a": "m:a"}}, requires_python=">=3.11",
                     requires_dist=["host>=4", 'other>=2; sys_platform == "linux"'])
    environment = set_environment(registry, {"facts": {
        "python": "3.11.2", "markers": {"sys_platform": "linux"}, "have": {"host": "4.1", "other": "2.0"}}})

    def codes(query):
        return [code for _, code in left_out(ask(registry, f"group={group}{query}", environment))]
    assert codes("") == []
    assert codes("&python=3.10") == ["requires-python"]
    assert codes("&have=host==3") == ["requires-host"]
    assert codes("&have=Other==1") == ["requires-host"]
    assert codes("&have=other==1&marker=sys.platform=win32") == []
    assert codes("&have=something==1") == []


def test_pins_settings_and_switches_are_seen_at_once(registry, group):
    name = registry.new_name("turned")
    for version in ("1.0", "2.0"):
        registry.publish(name, version, {group: {"a": "m:a"}})
    environment = set_environment(registry, {"policy": {"plugins": "listed"}})
    assert left_out(ask(registry, f"group={group}", environment)) == [
        ("2.0", "not-enabled"), ("1.0", "not-enabled")]
    patch_plugin(registry, environment, name, {"enabled": True, "settings": {"b": 1, "a": [True, None]}})
    record, = ask(registry, f"group={group}", environment, registry.admin_token)["records"]
    assert record["version"] == "2.0" and record["settings"] == {"a": [True, None], "b": 1}
    patch_plugin(registry, environment, name, {"pin": "<2", "settings": None})
    record, = ask(registry, f"group={group}", environment)["records"]
    assert record["version"] == "1.0" and "settings" not in record
    assert ask(registry, f"group={group}")["records"][0]["version"] == "2.0"


def test_other_answers_stay_when_an_environment_changes(registry, group):
    registry.publish(registry.new_name("kept"), "1.0", {group: {"a": "m:a"}})
    environment = set_environment(registry, {})
    before = [registry.get(f"/v1/resolve?group={group}{more}") for more in ("", f"&environment={environment}")]
    set_environment(registry, {"policy": {"prereleases": True}}, environment)
    after = [registry.get(f"/v1/resolve?group={group}{more}") for more in ("", f"&environment={environment}")]
    assert before[0].body == after[0].body and before[0].headers["ETag"] == after[0].headers["ETag"]
    assert {**before[1].json, "revision": 2} == after[1].json


def test_a_permission_the_host_does_not_know(registry, group):
    name = registry.new_name("asking")
    registry.publish(name, "1.0", {group: {"a": "m:a"}},
                     manifests={group: {"a": {"permissions": ["customer.read", "customer.sell"]}}})
    environment = set_environment(registry, {"permissions": ["customer.read"]})
    answer = ask(registry, f"group={group}", environment)
    assert left_out(answer) == [("1.0", "unknown-permission")]
    assert '"customer.sell"' in answer["excluded"][0]["detail"]
    set_environment(registry, {"permissions": ["customer.read", "customer.sell"]}, environment)
    assert len(ask(registry, f"group={group}", environment)["records"]) == 1


def test_an_answer_is_made_anew_when_a_release_comes_of_age(registry, group):
    name = registry.new_name("young")
    registry.publish(name, "1.0", {group: {"a": "m:a"}})
    environment = set_environment(registry, {"policy": {"min_age_seconds": 2}})
    end = time.monotonic() + 20
    while not ask(registry, f"group={group}", environment)["records"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    published = ok(registry.get(f"/v1/packages/{name}"))["releases"][0]["published_at"]
    assert registry.sql(f"SELECT clock_timestamp() - '{published}' >= '2 s'") == [["t"]]


def test_wheels_and_tags(registry, group):
    name = registry.new_name("wheels")
    registry.publish(name, "1.0", {group: {"a": "m:a"}})
    registry.sql(f"""
        INSERT INTO blobs (sha256, size, piece_bytes) VALUES (sha256('{name}'), 1, 1);
        INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by)
        SELECT r.id, '{name}.whl', 'wheel', 1, sha256('{name}'), '{{cp311-cp311-linux_x86_64}}', '', 'me'
          FROM releases r JOIN packages p ON p.id = r.package_id WHERE p.name = '{name}'""")
    assert left_out(ask(registry, f"group={group}&tag=py3-none-any")) == [("1.0", "no-compatible-artifact")]
    for query in ("", "&tag=py3-none-any&tag=CP311-cp311-linux_x86_64"):
        assert left_out(ask(registry, f"group={group}{query}")) == []


def test_what_the_state_of_a_package_adds(registry, group):
    old, new = registry.new_name("old"), registry.new_name("new")
    for name in (old, new):
        registry.publish(name, "1.0", {group: {name: "m:a"}})
    ok(registry.put(f"/v1/packages/{old}/status",
                    {"status": "deprecated", "reason": "nobody left", "replaced_by": new}))
    warning, = ask(registry, f"group={group}")["records"][1]["warnings"]
    assert warning["code"] == "deprecated" and "nobody left" in warning["message"] and new in warning["hint"]
    ok(registry.put(f"/v1/packages/{old}/status", {"status": "archived"}))
    assert [w["code"] for w in ask(registry, f"group={group}")["records"][1]["warnings"]] == ["archived"]
    ok(registry.put(f"/v1/packages/{old}/status", {"status": "quarantined", "reason": "it steals"}))
    answer = ask(registry, f"group={group}")
    assert taken(answer) == [(new, new, "1.0")] and left_out(answer) == [("1.0", "quarantined")]
    assert "it steals" in answer["excluded"][0]["detail"]


# ---- pages ----


@pytest.fixture(scope="module")
def crowd(registry):
    for package in "abcde":
        for version in ("1.0", "1.1", "1.2"):
            registry.publish(f"crowd-{package}", version, {
                "crowd.one": {"same": "m:a", f"own-{package}": "m:a"}, "crowd.two": {"x": "m:a"}})
    return "group=crowd.one&group=crowd.two"


def pages(registry, query, limit):
    cursor, found = "", []
    while cursor is not None:
        page = registry.resolve(f"{query}&limit={limit}{cursor}")
        items = page["records"] + page.get("excluded", [])
        assert len(items) <= limit
        found.append(page)
        cursor = page["next"] and f"&cursor={page['next']}"
    return found


@pytest.mark.parametrize("limit", [1, 2, 7, 14, 15, 16, 25, 26, 10000])
def test_pages_together_are_the_whole(registry, crowd, limit):
    for query in (crowd, f"{crowd}&explain=1"):
        whole = registry.resolve(query)
        found = pages(registry, query, limit)
        assert [r for page in found for r in page["records"]] == whole["records"]
        assert [e for page in found for e in page.get("excluded", [])] == whole.get("excluded", [])
        assert "next" not in whole


def places(records):
    return [(record["group"], record["name"], record["package"], record["version"]) for record in records]


def test_a_change_between_pages_moves_nothing_else(registry, crowd):
    first = registry.resolve(f"{crowd}&limit=6")
    whole = registry.resolve(crowd)["records"]
    registry.publish("crowd-b", "1.3", {"crowd.one": {"another": "m:a"}})  # its others go
    rest = registry.resolve(f"{crowd}&limit=1000&cursor={first['next']}")["records"]
    assert places(rest) == places(r for r in whole[6:] if r["package"] != "crowd-b")


def test_a_contract_counts_over_the_end_of_a_page(registry, crowd):
    set_contract(registry, "crowd.two", conflict="priority", priority=["crowd-e"])
    whole = registry.resolve(f"{crowd}&min_serial={registry.serial}")["records"]
    assert [r for page in pages(registry, crowd, 1) for r in page["records"]] == whole
    assert sum(r["shadowed_by"] is not None for r in whole) >= 3
