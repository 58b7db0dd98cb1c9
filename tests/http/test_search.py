# SPDX-License-Identifier: MIT
"""Finding packages: words and mistakes, what a list is narrowed to, pages, and texts that want more."""

from urllib.parse import quote, urlencode

import pytest
from support.injections import INJECTIONS

MANIFEST = {"nav": [{"label": "Customer 360", "path": "/crm"}], "display_name": "Sales desk"}


@pytest.fixture(scope="module")
def filled(registry):
    group = {"shop.plugins": {"finance": "finance:plugin"}}
    registry.publish("honeyframe-finance", "1.0", group, summary="Invoices and open accounts",
                     keywords=["ledger"], classifiers=["Framework :: Shop", "Topic :: Office"])
    registry.publish("honeyframe-crm", "1.0", {"shop.plugins": {"crm": "crm:plugin"}},
                     summary="Customers and their deals", classifiers=["Framework :: Shop"],
                     manifests={"shop.plugins": {"crm": MANIFEST}})
    registry.publish("analytics", "2.0", {"shop.reports": {"weekly": "a:weekly"}}, summary="Numbers for finance people")
    registry.publish("mail", "0.1", {"shop.plugins": {"mail": "m:p"}}, summary="Schöne Grüße")
    return registry


def names(registry, **query):
    answer = registry.get("/v1/packages?" + urlencode(query, doseq=True))
    assert answer.status == 200, answer.body
    assert answer.json["total"] == len(answer.json["packages"]) or answer.json["next"]
    return [item["name"] for item in answer.json["packages"]]


@pytest.mark.parametrize("words, expected", [
    ("honeyframe-finance", ["honeyframe-finance"]),
    ("finance", ["honeyframe-finance", "analytics"]),  # the name before the summary
    ("FINANCE", ["honeyframe-finance", "analytics"]),
    ("finan", ["honeyframe-finance", "analytics"]),
    ("invoice", ["honeyframe-finance"]),  # by the stem: Invoices
    ("ledger", ["honeyframe-finance"]),
    ("weekly", ["analytics"]),
    ("shop.reports", ["analytics"]),
    ("customer 360", ["honeyframe-crm"]),
    ("sales desk", ["honeyframe-crm"]),
    ("deals customers", ["honeyframe-crm"]),
    ("deals invoices", []),
    ("grüße", ["mail"]),
    ("   ", ["analytics", "honeyframe-crm", "honeyframe-finance", "mail"]),
    ("!?", []),
])  # fmt: skip
def test_words(filled, words, expected):
    assert names(filled, q=words) == expected


@pytest.mark.parametrize("words, expected, corrected", [
    ("honyframe", ["honeyframe-crm", "honeyframe-finance"], "honeyframe"),
    ("analitycs", ["analytics"], "analytics"),
    ("finanse", ["honeyframe-finance", "analytics"], "finance"),
    ("honeyfram finnance", ["honeyframe-finance"], "honeyfram finance"),
    ("invioces", ["honeyframe-finance"], "invoices"),
    ("qqqqqqq", [], None),
])
def test_mistyped_words(filled, words, expected, corrected):
    answer = filled.get("/v1/packages?q=" + quote(words)).json
    assert sorted(item["name"] for item in answer["packages"]) == sorted(expected)
    assert answer["corrected"] == (corrected if expected else None)


@pytest.mark.parametrize("query, expected", [
    ({"group": "shop.reports"}, ["analytics"]),
    ({"group": ["shop.plugins", "shop.reports"]}, []),
    ({"classifier": "Framework :: Shop"}, ["honeyframe-crm", "honeyframe-finance"]),
    ({"classifier": ["Framework :: Shop", "Topic :: Office"]}, ["honeyframe-finance"]),
    ({"classifier": "framework :: shop"}, []),
    ({"classifier": "s:active"}, []),
    ({"status": "archived"}, []),
    ({"status": "active", "q": "finance", "group": "shop.plugins"}, ["honeyframe-finance"]),
])  # fmt: skip
def test_narrowed(filled, query, expected):
    assert names(filled, **query) == expected


def test_what_an_environment_gets(filled):
    document = {"facts": {"python": "3.11"}, "plugins": {"honeyframe-crm": {"enabled": False}}}
    assert filled.put("/v1/environments/shop", document).status == 201
    assert names(filled, environment="shop") == ["analytics", "honeyframe-finance", "mail"]
    assert names(filled, environment="shop", group="shop.plugins") == ["honeyframe-finance", "mail"]
    assert names(filled, environment="shop", q="finance", group="shop.reports") == ["analytics"]
    assert names(filled, environment="shop", group="no.such") == []
    assert "honeyframe-crm" in names(filled, environment="default")
    assert filled.get("/v1/packages?environment=nosuch").status == 404


@pytest.mark.parametrize("query, where", [
    ("status=gone", "?status"), ("group=a%20b", "?group"),
    ("python=three", "?python"), ("python=3.11.4", "?python"), ("python=3.", "?python")])
def test_what_cannot_be_is_refused(filled, refused, query, where):
    assert refused(filled.get(f"/v1/packages?{query}"), 422, "invalid")["where"] == where


def test_too_many_bytes_of_words(filled, refused):
    assert filled.get("/v1/packages?q=" + 200 * "a").status == 200
    assert refused(filled.get("/v1/packages?q=" + 201 * "a"), 400, "usage")["where"] == "?q"


def test_pages_of_a_search_have_every_package_once(registry):
    for number in range(23):
        registry.publish(f"paged-{number:02}", "1.0", summary="many of a kind " * (number % 3 + 1))
    for query in ("q=many+kind", "q=paged", "status=active"):
        found, cursor = [], ""
        while cursor is not None:
            page = registry.get(f"/v1/packages?{query}&limit=5{cursor and '&cursor=' + cursor}").json
            found += [item["name"] for item in page["packages"]]
            cursor = page["next"]
        assert len(found) == len(set(found)) == page["total"] >= 23


def test_a_cursor_of_another_list_is_refused(filled, refused):
    cursor = filled.get("/v1/packages?limit=1").json["next"]
    assert refused(filled.get(f"/v1/packages?q=finance&cursor={cursor}"), 400, "usage")["where"] == "?cursor"


def test_search_follows_the_newest_release(registry):
    name = registry.new_name("follow")
    registry.publish(name, "1.0", {"old.group": {"x": "a:b"}}, summary="zebra")
    assert names(registry, q="zebra") == names(registry, group="old.group") == [name]
    registry.publish(name, "2.0", summary="giraffe")
    assert names(registry, q="zebra") == names(registry, group="old.group") == []
    assert names(registry, q="giraffe") == [name]
    registry.publish(name, "1.5", {"old.group": {"x": "a:b"}}, summary="zebra")  # older, and stays so
    assert names(registry, q="giraffe") == [name]
    registry.sql(f"""WITH y AS (UPDATE releases SET yanked_at = now(), yanked_reason = 'no' WHERE version = '2.0'
                                   AND package_id = (SELECT id FROM packages WHERE name = '{name}') RETURNING 1)
                     SELECT record_change('yank', '{name}', '2.0', '{{}}', 'test', '{{}}') FROM y""")
    assert names(registry, q="zebra") == names(registry, group="old.group") == [name]


def counts(registry):
    tables = ("packages", "releases", "entry_points", "changes", "audit_events", "tokens", "package_search")
    rows = " UNION ALL ".join(f"SELECT '{t}', count(*), md5(string_agg(x::text, ',' ORDER BY x::text)) FROM {t} x" for t in tables)
    return registry.sql(rows)


@pytest.mark.parametrize("parameter", ["q", "group", "classifier", "status", "environment", "cursor", "limit", "nosuch"])
def test_injections_reach_nothing(filled, parameter):
    assert len(INJECTIONS) >= 200
    before = counts(filled)
    for text in INJECTIONS:
        answer = filled.get("/v1/packages?" + urlencode({parameter: text}))
        assert answer.status in (200, 400, 404, 422), (text, answer.body)
    assert counts(filled) == before
