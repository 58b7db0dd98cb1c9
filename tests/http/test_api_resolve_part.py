# SPDX-License-Identifier: MIT
"""`name=` and `package=` of GET /v1/resolve: the answer is a part of the whole one, and what nobody has is an answer."""

import pytest

GROUP = "part.plugins"
NAMES = ("alpha", "beta", "gamma", "shared")


@pytest.fixture(scope="module")
def parts(registry):
    for package in ("part-one", "part-two", "part-three"):
        for version in ("1.0", "1.1"):
            registry.publish(package, version, {GROUP: {f"{package[5:]}-{name}": "m:a" for name in NAMES[:3]}
                                                | {"shared": f"m:{package[5:]}"}, "part.other": {"elsewhere": "m:a"}})
    registry.publish("part-broken", "1.0", {GROUP: {"broken": "m:a"}}, requires_python=">=3.99")
    return registry


def change(registry, method, path, body):
    answer = registry.request(method, path, body, token=registry.admin_token)
    assert answer.status in (200, 201), answer.body


def ask(registry, query):
    return registry.resolve(f"group={GROUP}&{query}".rstrip("&"))


def cut(whole, names=(), packages=()):
    """What a part must be, from the whole."""
    return [one for one in whole["records"] if (not names or one["name"] in names) and (not packages or one["package"] in packages)]


@pytest.mark.parametrize("names, packages", [
    (["one-alpha"], []), (["one-alpha", "two-beta"], []), (["shared"], []), ([], ["part-two"]), ([], ["Part_Two", "part.one"]),
    (["shared"], ["part-two"]), (["one-alpha"], ["part-two"]), (["elsewhere"], []), (["broken"], ["part-broken"]),
])
@pytest.mark.parametrize("rest", ["", "python=3.11"])
def test_a_part_is_cut_from_the_whole(parts, names, packages, rest):
    query = "&".join([*(f"name={one}" for one in names), *(f"package={one}" for one in packages), rest])
    normal = [one.lower().replace("_", "-").replace(".", "-") for one in packages]
    whole = ask(parts, rest)
    assert ask(parts, query)["records"] == cut(whole, names, normal)


def test_a_record_says_who_took_its_name_though_that_is_not_shown(parts):
    [record] = ask(parts, "name=shared&package=part-two")["records"]
    assert [(one["code"], "part-one" in one["message"]) for one in record["warnings"]] == [("name-conflict", True)]


def test_order_and_repetition_change_nothing(parts):
    """The same question is one kept answer: the same entity tag."""
    first = parts.get(f"/v1/resolve?group={GROUP}&name=two-beta&name=one-alpha&package=part-one")
    again = parts.get(f"/v1/resolve?package=Part.One&name=one-alpha&group={GROUP}&name=two-beta&name=one-alpha")
    whole = parts.get(f"/v1/resolve?group={GROUP}")
    assert first.headers["ETag"] == again.headers["ETag"] != whole.headers["ETag"] and first.body == again.body
    assert parts.get(f"/v1/resolve?group={GROUP}&name=two-beta&name=one-alpha&package=part-one",
                     headers={"If-None-Match": first.headers["ETag"]}).status == 304
    assert "unknown" not in whole.json


def test_names_and_packages_are_different_questions(parts):
    parts.publish("part-same", "1.0", {"part.same": {"part-same": "m:a", "more": "m:a"}})
    by_name = parts.resolve("group=part.same&name=part-same")["records"]
    by_package = parts.resolve("group=part.same&package=part-same")["records"]
    assert [one["name"] for one in by_name] == ["part-same"]
    assert [one["name"] for one in by_package] == ["more", "part-same"]


def test_pages_hold_the_part_and_nothing_else(parts):
    names = [f"{one}-{name}" for one in ("one", "two", "three") for name in ("alpha", "gamma")]
    query = "&".join(f"name={one}" for one in names) + "&explain=1&python=3.11"
    whole = ask(parts, query)
    assert sorted(one["name"] for one in whole["records"]) == sorted(names)
    for limit in (1, 2, 4):
        records, excluded, cursor, pages = [], [], "", 0
        while cursor is not None:
            page = ask(parts, f"{query}&limit={limit}{cursor and '&cursor=' + cursor}")
            assert len(page["records"]) + len(page["excluded"]) <= limit
            records += page["records"]
            excluded += page["excluded"]
            cursor, pages = page["next"], pages + 1
        assert (records, excluded) == (whole["records"], whole["excluded"]) and pages >= len(records) // limit


def test_exclusions_are_of_the_packages_asked_for(parts):
    answer = ask(parts, "name=broken&explain=1&python=3.11")
    assert [(one["package"], one["code"]) for one in answer["excluded"]] == [("part-broken", "requires-python")]
    assert answer["records"] == [] and answer["unknown"] == []
    assert {one["package"] for one in answer["known"]} == {"part-broken"}
    answer = ask(parts, "package=part-two&explain=1")
    assert [(one["package"], one["version"]) for one in answer["excluded"]] == [("part-two", "1.0")]


def test_what_no_release_has_is_listed_with_the_nearest_name(parts):
    answer = ask(parts, "name=one-alpa&name=one-beta&package=part-one")
    assert answer["unknown"] == [{"name": "one-alpa", "nearest": "one-alpha"}]
    assert [one["name"] for one in answer["records"]] == ["one-beta"]
    answer = ask(parts, "name=quite%20other&package=part-tow&package=nothing-like-it&package=part-one")
    assert answer["unknown"] == [{"name": "quite other", "nearest": None}, {"package": "nothing-like-it", "nearest": None},
                                 {"package": "part-tow", "nearest": "part-two"}]
    assert ask(parts, "package=part-tow&name=whatever")["unknown"] == [{"package": "part-tow", "nearest": "part-two"}]
    # A name of another group, or of another package, is unknown here.
    assert ask(parts, "name=elsewhere")["unknown"] == [{"name": "elsewhere", "nearest": None}]
    assert ask(parts, "name=two-alpha&package=part-one")["unknown"] == [{"name": "two-alpha", "nearest": None}]
    assert ask(parts, "name=two-beta&package=part-two")["unknown"] == []
    nothing = parts.resolve("group=part.nothing&name=x")
    assert nothing["records"] == [] and nothing["unknown"] == [{"name": "x", "nearest": None}]


def test_decisions_are_those_of_the_part(parts):
    parts.publish("part-gone", "1.0", {"part.decided": {"gone": "m:a", "old": "m:a"}})
    parts.publish("part-stays", "1.0", {"part.decided": {"stays": "m:a"}})
    change(parts, "PUT", "/v1/packages/part-gone/status", {"status": "quarantined", "reason": "it deletes files"})
    change(parts, "PUT", "/v1/packages/part-stays/status", {"status": "deprecated", "reason": "no longer maintained"})

    def decided(query):
        return [(one["package"], one["name"], one["code"]) for one in parts.resolve(f"group=part.decided&{query}")["decisions"]]

    assert len(decided("")) == 3
    assert decided("name=gone") == [("part-gone", "gone", "quarantined")]
    assert decided("package=part-stays") == [("part-stays", "stays", "deprecated")]
    assert parts.resolve("group=part.decided&name=gone")["unknown"] == []


def test_a_change_shows_in_a_kept_part(parts):
    def names():
        return [one["name"] for one in parts.resolve("group=part.moves&name=soon")["records"]]

    assert names() == []
    parts.publish("part-moves", "1.0", {"part.moves": {"soon": "m:a", "never": "m:a"}})
    assert names() == ["soon"]


def test_an_old_name_gives_what_it_leads_to(parts):
    parts.publish("part-alias", "1.0", {"part.alias": {"present": "m:a", "another": "m:a"}})
    change(parts, "PUT", "/v1/packages/part-alias/entry-points/alias", {"group": "part.alias", "name": "former", "to": "present"})
    answer = parts.resolve("group=part.alias&name=former")
    assert [one["name"] for one in answer["records"]] == ["present"]
    assert [(one["code"], one["name"], one["successor"]) for one in answer["decisions"]] == [("alias", "former", "present")]
    assert answer["unknown"] == []
    assert parts.resolve("group=part.alias&name=formar")["unknown"] == [{"name": "formar", "nearest": "former"}]


@pytest.mark.parametrize("query, status, where", [
    ("name=", 422, "?name"), (f"name={'n' * 201}", 422, "?name"), ("package=", 422, "?package"), ("package=a%20b", 422, "?package"),
    ("&".join(f"name=n{one}" for one in range(101)), 400, "?name"),
    ("&".join(f"package=n{one}" for one in range(101)), 400, "?package"),
])
def test_what_cannot_be_a_name_is_refused(parts, query, status, where):
    reply = parts.get(f"/v1/resolve?group={GROUP}&{query}")
    assert (reply.status, reply.json["where"]) == (status, where)


@pytest.mark.parametrize("route", ["snapshot", "requirements", "outdated"])
def test_other_forms_are_whole(parts, route):
    assert parts.get(f"/v1/{route}?group={GROUP}&name=one-alpha").status == 400


def test_a_frozen_environment_gives_a_part_of_its_lock(parts):
    change(parts, "PUT", "/v1/environments/part-frozen", {"facts": {"python": "3.11"}})
    change(parts, "POST", "/v1/environments/part-frozen/freeze", {"reason": "test", "allow_without_files": True})
    parts.publish("part-late", "1.0", {GROUP: {"late": "m:a"}})
    whole = ask(parts, "environment=part-frozen")
    answer = ask(parts, "environment=part-frozen&name=shared&name=late&name=two-alpa")
    assert answer["records"] == cut(whole, ["shared", "late"]) and len(answer["records"]) == 3
    assert answer["unknown"] == [{"name": "two-alpa", "nearest": "two-alpha"}]
