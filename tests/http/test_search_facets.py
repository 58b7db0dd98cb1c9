# SPDX-License-Identifier: MIT
"""Facets with counts, orders, and words of modules, values and endpoints: /v1/packages and the page of packages."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

GROUP = "facet.plugins"
MANIFEST = {"endpoints": [{"method": "POST", "path": "/zebras/{zebra_id}"}], "publishes": ["zebra.striped"]}


@pytest.fixture(scope="module")
def filled(registry):
    def publish(name, group=GROUP, **fields):
        registry.publish(name, "1.0", {group: {name: f"{name.replace('-', '_')}_code.inner.plugin:Factory"}}, **fields)

    publish("facet-one", license_expression="MIT", requires_python=">=3.11", classifiers=["Framework :: Facet"])
    publish("facet-two", license_expression="MIT", requires_python=">=3.9,<3.11", classifiers=["Framework :: Facet"])
    publish("facet-three", license_expression="Apache-2.0", manifests={GROUP: {"facet-three": MANIFEST}})
    publish("facet-other", "facet.others")
    answer = registry.put("/v1/packages/facet-two/owner", {"team": "facet-team"}, token=registry.admin_token)
    assert answer.status == 200, answer.body
    return registry


def ask(registry, **query):
    answer = registry.get("/v1/packages?" + urlencode(query, doseq=True))
    assert answer.status == 200, answer.body
    return answer.json


def names(registry, **query):
    return [one["name"] for one in ask(registry, **query)["packages"]]


def counts(registry, kind, **query):
    return {one["value"]: one["packages"] for one in ask(registry, facets=1, **query)["facets"][kind]}


@pytest.mark.parametrize("query, expected", [
    ({"license": "MIT"}, ["facet-one", "facet-two"]), ({"python": "3.10"}, ["facet-three", "facet-two"]),
    ({"python": "3.12"}, ["facet-one", "facet-three"]), ({"owner": "facet-team"}, ["facet-two"]),
    ({"license": "MIT", "python": "3.12"}, ["facet-one"]), ({"license": "mit"}, []),
    ({"q": "facet", "license": "MIT"}, ["facet-one", "facet-two"]),
])
def test_a_list_is_narrowed(filled, query, expected):
    assert names(filled, group=GROUP, **query) == expected
    assert ask(filled, group=GROUP, **query)["total"] == len(expected)


def test_counts_are_those_of_the_lists(filled):
    """Each number is the length of the list that its choice leads to: kept, narrowed and searched."""
    for query in ({}, {"group": GROUP}, {"q": "facet"}, {"q": "facet", "python": "3.12"}):
        facets = ask(filled, facets=1, **query)["facets"]
        assert facets.pop("is_part") is False and set(facets) == {"group", "classifier", "license", "python", "owner", "status"}
        for kind, values in facets.items():
            for one in values:
                chosen = {**query, kind: [*([query[kind]] if kind == "group" and kind in query else []), one["value"]]}
                if kind == "python" and "python" in query and one["value"] != query["python"]:
                    continue  # of one parameter, one value
                assert len(names(filled, limit=1000, **chosen)) == one["packages"], (query, kind, one)


def test_counts_follow_every_change(filled):
    before = counts(filled, "license")
    name = filled.new_name("facet-moves")
    filled.publish(name, "1.0", {"facet.moves": {"x": "m:a"}}, license_expression="MIT")
    assert counts(filled, "license")["MIT"] == before["MIT"] + 1
    filled.publish(name, "2.0", {"facet.moves": {"x": "m:a"}}, license_expression="0BSD")
    assert counts(filled, "license")["MIT"] == before["MIT"] and counts(filled, "license")["0BSD"] == 1
    filled.put(f"/v1/packages/{name}/status", {"status": "deprecated", "reason": "test"})
    assert counts(filled, "status", group="facet.moves") == {"deprecated": 1}
    for version in ("1.0", "2.0"):
        answer = filled.put(f"/v1/packages/{name}/releases/{version}/status", {"status": "quarantined", "reason": "test"})
        assert answer.status == 200, answer.body
    assert "0BSD" not in counts(filled, "license")
    kept = filled.sql("SELECT facet, packages FROM search_facets WHERE packages > 0 ORDER BY facet")
    assert kept == filled.sql("SELECT unnest(facets) AS facet, count(*) FROM package_search GROUP BY 1 ORDER BY 1")


@pytest.mark.parametrize("words", [
    "facet_three_code.inner.plugin:Factory", "facet_three_code.inner", "POST /zebras", "zebra.striped", "zebras",
])
def test_modules_values_endpoints_and_events_are_found(filled, words):
    assert names(filled, q=words) == ["facet-three"]


def test_orders(filled):
    assert names(filled, q="facet", group=GROUP, order="name") == ["facet-one", "facet-three", "facet-two"]
    newest = ["facet-three", "facet-two", "facet-one"]
    assert names(filled, q="facet", group=GROUP, order="newest") == newest
    assert names(filled, group=GROUP, order="newest") == newest
    filled.publish("facet-one", "1.1", {GROUP: {"facet-one": "facet_one_code.inner.plugin:Factory"}}, license_expression="MIT",
                   requires_python=">=3.11", classifiers=["Framework :: Facet"])
    assert names(filled, group=GROUP, order="newest") == ["facet-one", "facet-three", "facet-two"]
    assert names(filled, order="newest")[:1] == ["facet-one"]
    assert filled.get("/v1/packages?order=oldest").json["where"] == "?order"


@pytest.mark.parametrize("query", [{"order": "newest"}, {"order": "newest", "group": GROUP}, {"q": "facet", "order": "newest"},
                                   {"q": "facet", "order": "name"}, {"q": "facet"}, {"group": GROUP}])
def test_pages_of_every_order_are_the_whole_list(filled, query):
    whole = names(filled, limit=1000, **query)
    found, cursor = [], None
    while True:
        page = ask(filled, limit=2, **query, **({"cursor": cursor} if cursor else {}))
        found += [one["name"] for one in page["packages"]]
        cursor = page["next"]
        if not cursor:
            break
    assert found == whole and len(whole) > 2


def test_the_page_links_each_choice(filled):
    page = filled.get(f"/packages?q=facet&group={GROUP}").body.decode()
    links = {unescape(re.sub("<[^>]+>", "", text)).strip(): unescape(address)
             for address, text in re.findall(r'<li><a href="([^"]+)"[^>]*>(.*?)</a>', page, re.S)}
    assert links["MIT 2"] == f"/packages?q=facet&group={GROUP}&license=MIT"
    assert links[f"{GROUP} 3"] == "/packages?q=facet"  # chosen already: the link takes it back
    chosen = filled.get(links["MIT 2"]).body.decode()
    assert 'aria-current="true"' in chosen and "facet-three" not in chosen and "facet-two" in chosen
    assert 'name="license"' in chosen, "the form keeps what the links chose"
    newest = filled.get(links["Newest release"]).body.decode()
    assert newest.index("/packages/facet-one") < newest.index("/packages/facet-three") < newest.index("/packages/facet-two")
