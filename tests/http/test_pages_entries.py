# SPDX-License-Identifier: MIT
"""Single entry points on the pages: found by what they are, and what was decided about each."""

import re
from urllib.parse import quote

import pytest
from support.environments import create, ok, plugin
from support.markup import Page
from support.xss import TEXTS


def page_of(registry, path, status=200, **options):
    answer = registry.get(path, **options)
    assert answer.status == status, (path, answer.status, answer.body[:300])
    return Page(answer.body.decode())


@pytest.fixture
def group(registry):
    return registry.new_name("found.g")


@pytest.fixture
def package(registry, group):
    name = registry.new_name("foundp")
    registry.publish(name, "1.0", {group: {"mail": f"{name}.old:Mail"}})
    registry.publish(name, "2.0", {group: {"mail": f"{name}.mail:Mail", "web": f"{name}.web:Web"}})
    return name


# ---- the search ----


def test_the_page_finds_what_the_route_finds(registry, group, package):
    for question in (f"module={package}.mail", f"value={package}.web:Web", f"name=mail&package={package.upper()}",
                     f"group={group}&value=Mail", f"package={package}", f"module={package}.old", f"group={group}&name=none"):
        found = registry.get(f"/v1/entry-points?{question}").json["entry_points"]
        page = page_of(registry, f"/entry-points?{question}")
        shown = {name for name in ("mail", "web") if f"{package}.{name}:" in page.text}
        assert shown == {one["name"] for one in found}, question
        assert (f"/packages/{package}/entry-points" in page.links) == bool(found) and f"{package}.old:" not in page.text
        assert ("No entry points match" in page.text and "registryctl find" in page.text) == (not found), question
    values = {field["name"]: field.get("value") for field in page_of(registry, f"/entry-points?group={group}&name=").all("input")}
    assert values["group"] == group and not values["name"] and set(values) >= {"module", "value", "package"}


def test_without_a_question_there_is_the_form_alone(registry, package):
    for path in ("/entry-points", "/entry-points?module=&name="):
        page = page_of(registry, path)
        assert not page.all("table") and "registryctl find --module" in page.text
    for question, status in (("modul=a", 400), ("name=a&name=b", 400), ("name=a&cursor=%25", 400), ("package=a/b", 422)):
        page_of(registry, f"/entry-points?{question}", status)


def test_every_entry_point_is_on_one_of_the_pages(registry, group):
    name = registry.new_name("paged")
    names = [f"n{number:02}" for number in range(25)]
    registry.publish(name, "1.0", {group: {one: f"{name}:{one}" for one in names}})
    path, seen, pages = f"/entry-points?group={group}&limit=10&name=", [], 0
    while path:
        page = page_of(registry, path)
        seen += re.findall(rf"{name}:(n\d\d)", page.text)
        path = next((link for link in page.links if "cursor=" in link), None)
        assert not path or (f"group={group}" in path and "limit=10" in path)
        pages += 1
    assert seen == names and pages == 3


@pytest.mark.parametrize("words, link", [
    ("nosuchword", "name=nosuchword"), ("no.such", "module=no.such"), ("no.such:Thing", "value=no.such%3AThing"),
    ("no.such thing", "name=no.such%20thing"), ("<b>.a", "module=%3Cb%3E.a"),
])  # fmt: skip
def test_a_search_that_finds_no_package_leads_here(registry, words, link):
    assert f"/entry-points?{link}" in page_of(registry, f"/packages?q={quote(words)}").links


def test_a_search_that_finds_packages_leads_here_with_references_alone(registry, group, package):
    assert page_of(registry, f"/packages?q={package}").links.count("/entry-points") == 1
    assert f"/entry-points?module={package}.mail" in page_of(registry, f"/packages?q={package}.mail").links
    assert page_of(registry, "/packages").links.count("/entry-points") == 1


def test_the_state_of_a_package_is_beside_what_it_has(registry, group, package):
    assert registry.put(f"/v1/packages/{package}/status", {"status": "deprecated", "reason": "Old"}).status == 200
    assert f"{package} 2.0 deprecated" in page_of(registry, f"/entry-points?group={group}").text
    assert registry.put(f"/v1/packages/{package}/status", {"status": "quarantined", "reason": "Bad"}).status == 200
    assert "No entry points match" in page_of(registry, f"/entry-points?group={group}").text


# ---- what was decided about single entry points ----


def deprecate(registry, package, group, name, message, successor=None):
    body = {"group": group, "name": name, "message": message, **({"successor": successor} if successor else {})}
    ok(registry.put(f"/v1/packages/{package}/entry-points/deprecation", body, token=registry.admin_token))


def alias(registry, package, group, name, to):
    ok(registry.put(f"/v1/packages/{package}/entry-points/alias", {"group": group, "name": name, "to": to}, token=registry.admin_token))


def section(page, start, end):
    return page.text.partition(start)[2].partition(end)[0]


def test_rules_of_an_environment_are_shown_without_settings(registry, group, package):
    environment, plain = registry.new_name("env"), registry.new_name("env")
    create(registry, environment)
    create(registry, plain, {"plugins": {package: {"state": "enabled"}}})
    ok(plugin(registry, environment, package, {"entry_points": {group: {
        "mail": {"state": "disabled", "deprecated": {"message": "Too slow", "successor": f"{package}:{group}:web"}},
        "web": {"pin": "<3", "settings": {"key": "not-for-pages"}}}}}))
    for path in (f"/environments/{environment}", f"/packages/{package}/compatibility?environment={environment}"):
        page = page_of(registry, path)
        rules = section(page, "Rules about single entry points", "History")
        for words in (f"{package} mail in {group} disabled – – deprecated Too slow Use {package}:{group}:web instead",
                      f"{package} web in {group} – <3 set –"):
            assert words in rules.replace(" .", "."), (path, words, rules)
        assert "not-for-pages" not in page.text and f"/groups/{group}" in page.links
    assert "Rules about single entry points" not in page_of(registry, f"/environments/{plain}").text


def test_the_rules_that_a_page_shows_are_bounded(registry, group):
    name, environment = registry.new_name("many"), registry.new_name("env")
    names = [f"n{number:03}" for number in range(230)]
    registry.publish(name, "1.0", {group: {one: f"{name}:{one}" for one in names}})
    create(registry, environment)
    ok(plugin(registry, environment, name, {"entry_points": {group: {one: {"pin": "<3"} for one in names}}}))
    page = page_of(registry, f"/environments/{environment}?group={group}")
    rules = section(page, "Rules about single entry points", "History")
    assert "n199 in" in rules and "n200 in" not in rules and "The first 200 of 230 rules are shown." in rules


def test_what_owners_decided_is_on_the_pages_of_package_and_group(registry, group, package):
    other = registry.new_name("other")
    registry.publish(other, "1.0", {group: {"else": f"{other}:a"}})
    for path in (f"/packages/{package}/entry-points", f"/groups/{group}"):
        assert "Deprecated entry points" not in page_of(registry, path).text and "Aliases" not in page_of(registry, path).text
    deprecate(registry, package, group, "mail", "Too slow", f"{package}:{group}:web")
    deprecate(registry, other, group, "else", "Gone soon", package)
    alias(registry, package, group, "post", "web")
    by = "by admin"
    page = page_of(registry, f"/packages/{package}/entry-points")
    assert f"mail {group} Too slow Use {package}:{group}:web instead" in page.text
    assert f"post {group} web 20" in page.text and by in page.text and "Gone soon" not in page.text
    page = page_of(registry, f"/groups/{group}")
    for words in (f"mail {package} Too slow Use {package}:{group}:web instead", f"else {other} Gone soon Use {package} instead",
                  f"post {package} web 20", "finds the present one, with a warning"):
        assert words in page.text, words
    assert page.links.count(f"/packages/{package}") >= 3
    elsewhere = registry.new_name("else.g")
    registry.publish(registry.new_name("elsep"), "1.0", {elsewhere: {"a": "m:a"}})
    assert "Too slow" not in page_of(registry, f"/groups/{elsewhere}").text


def test_a_deprecated_group_says_so_first(registry, group, package):
    for members, words in (({"message": "Leave it", "successor": "next.g"}, "This group is deprecated . Use next.g instead. Leave it"),
                           ({"message": "Leave it"}, "This group is deprecated . Leave it")):
        ok(registry.put(f"/v1/groups/{group}", {"deprecated": members}, token=registry.admin_token))
        page = page_of(registry, f"/groups/{group}")
        assert words in page.text and page.text.index(words) < page.text.index("Contract")
        assert ("/groups/next.g" in page.links) == ("successor" in members)
    ok(registry.put(f"/v1/groups/{group}", {"description": "In use"}, token=registry.admin_token))
    assert "deprecated" not in page_of(registry, f"/groups/{group}").text


def test_the_range_of_the_host_is_beside_each_entry_point(registry):
    host = registry.new_name("hosty")
    group = f"{host}.plugins"
    names = [registry.new_name("ranged") for _ in range(4)]
    spelled = host.upper().replace("-", "_")
    for name, required in zip(names, ([f"{spelled} >=0.5,<2", f"{host}-extra>=9"], [f"{host}>=1; python_version >= '3.10'"], [host], ["pandas>=2"])):
        registry.publish(name, "1.0", {group: {name: "m:a"}}, requires_dist=required)
    text = page_of(registry, f"/groups/{group}").text
    assert "Settings Host" in text and f"{host}-extra" not in text and "pandas" not in text
    for words in (f"{spelled} <2,>=0.5", f"{host} >=1 if python_version >= '3.10'", f"{host} (any version)"):
        assert words in text.replace('"', "'"), (words, text)
    assert re.search(rf"{names[3]} {names[3]} 1\.0 m:a – ok – any", text), text
    environment = registry.new_name("env")
    create(registry, environment, {"facts": {"have": {"pandas": "2.1"}}})
    assert "pandas >=2" in page_of(registry, f"/groups/{group}?environment={environment}").text
    plain = registry.new_name("plain.g")
    registry.publish(registry.new_name("plainp"), "1.0", {plain: {"a": "m:a"}}, requires_dist=["pandas>=2"])
    assert "Settings Host" not in page_of(registry, f"/groups/{plain}").text


def test_no_decision_about_an_entry_point_becomes_markup(registry, group, package):
    environment = registry.new_name("env")
    create(registry, environment)
    shown = 0
    for text in (" ".join(text.split()) for text in TEXTS):
        body = {"group": group, "name": "mail", "message": text}
        told = registry.put(f"/v1/packages/{package}/entry-points/deprecation", body, token=registry.admin_token)
        rule = plugin(registry, environment, package, {"entry_points": {group: {"web": {"deprecated": {"message": text}}}}})
        contract = registry.put(f"/v1/groups/{group}", {"deprecated": {"message": text}}, token=registry.admin_token)
        assert {told.status, rule.status, contract.status} <= {200, 201, 422}
        for answer, paths in ((told, (f"/groups/{group}", f"/packages/{package}/entry-points")), (rule, (f"/environments/{environment}",)),
                              (contract, (f"/groups/{group}",))):
            for path in paths:
                page = page_of(registry, path)
                if answer.status != 422:
                    assert text in " ".join(page.text.split()), (path, text)
                    shown += 1
    assert shown > len(TEXTS)


def test_no_name_of_an_entry_point_becomes_markup(registry):
    """Names, successors and pins are held to rules, and what the rules let through is text."""
    for text in TEXTS:
        group, package = registry.new_name("xssn.g"), registry.new_name("xssn")
        name = " ".join(text.replace("=", "").split()).strip("[")
        document = {"name": package, "version": "1.0", "entry_points": {group: {name: "m:a", "plain": "m:b"}}}
        if registry.put(f"/v1/packages/{package}/releases/1.0", document).status != 201:
            continue
        registry.put(f"/v1/packages/{package}/entry-points/deprecation", {"group": group, "name": name, "message": "m"}, token=registry.admin_token)
        registry.put(f"/v1/packages/{package}/entry-points/alias", {"group": group, "name": "old", "to": name}, token=registry.admin_token)
        for path in (f"/entry-points?group={group}", f"/groups/{group}", f"/packages/{package}/entry-points"):
            assert name in page_of(registry, path).text, (path, name)
