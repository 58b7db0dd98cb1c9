# SPDX-License-Identifier: MIT
"""Single entry points on the pages: found by what they are, and what was decided about each."""

import re
from urllib.parse import quote

import pytest
from support.markup import Page


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
