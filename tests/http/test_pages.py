# SPDX-License-Identifier: MIT
"""The catalogue's pages as bytes: well formed, escaped, small, with tags and policies; whatever packages
say in any of their fields, nothing of it becomes markup."""

import gzip
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlencode

import pytest
from support import catalogue
from support.artifacts import wheel
from support.daemon import Daemon
from support.injections import INJECTIONS
from support.markup import Page
from support.xss import MARK, READMES, TEXTS, URLS

POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; "
          "form-action 'self'; frame-ancestors 'none'")


@pytest.fixture(scope="module")
def filled(registry):
    return catalogue.fill(registry)


def page_of(registry, path, status=200, **options):
    answer = registry.get(path, **options)
    assert answer.status == status, (path, answer.status, answer.body[:300])
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(answer.body.decode())


@pytest.mark.parametrize("path", catalogue.PAGES.values(), ids=catalogue.PAGES)
def test_every_page(filled, path):
    page = page_of(filled, path)
    assert [attributes["lang"] for attributes in page.all("html")] == ["en"]
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1
    headings = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    assert all(after - before <= 1 for before, after in zip(headings, headings[1:])), headings
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in attributes for attributes in page.all("th"))
    for link in page.links:
        if link.startswith("/") and not link.startswith("/static"):
            assert filled.get(link).status == 200, link


@pytest.mark.parametrize("path", catalogue.PAGES.values(), ids=catalogue.PAGES)
def test_tags_gzip_and_policy(filled, path):
    answer = filled.get(path)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert filled.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    packed = filled.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == answer.body
    head = filled.request("HEAD", path)
    assert head.status == 200 and head.body == b""


@pytest.mark.parametrize("path, status", [
    ("/packages/nosuch", 404), ("/packages/-", 404), ("/packages/finance/releases/9", 404), ("/groups/no.such", 404),
    ("/groups/a%20b", 404), ("/environments/nosuch", 404), ("/transition?group=no.such", 404), ("/packages?status=gone", 422),
    ("/packages?nosuch=1", 400), ("/activity?before=x", 400), ("/environments/production/diff?from=99", 404),
    ("/packages/finance/compatibility?environment=nosuch", 404), ("/groups/honeyframe.plugins?page=0", 400),
])  # fmt: skip
def test_what_is_not_there_is_a_page_too(filled, path, status):
    page = page_of(filled, path, status)
    assert str(status) in page.text


def test_install_commands_are_right_or_not_there(registry):
    """They name this registry's index, and exist only where a file exists that may be had."""
    console = "[a.plugins]\nthing = boutique:thing\n[console_scripts]\naaa = boutique:main\n"
    filename, data = wheel("boutique", "1.0", console)
    assert registry.post(f"/v1/artifacts?filename={filename}", data,
                         headers={"Content-Type": "application/octet-stream"}).status == 201
    registry.publish("boutique", "2.0", {"a.plugins": {"thing": "boutique:thing"}})
    registry.publish("only-scripts", "1.0", {"console_scripts": {"aaa": "m:main"}})
    text = page_of(registry, "/packages/boutique/releases/1.0").text
    for words in (f"pip install --index-url {registry.url}/simple/ boutique==1.0",
                  f"uv pip install --index-url {registry.url}/simple/ boutique==1.0",
                  f"poetry source add --priority explicit plugins {registry.url}/simple/",
                  f'url = "{registry.url}/simple/"', 'entry_points(group="a.plugins", name="thing")'):
        assert words in text, words
    assert 'name="aaa"' not in text
    no_file = page_of(registry, "/packages/boutique/releases/2.0").text
    assert "pip install" not in no_file and "no file yet" in no_file
    assert "Load in Python" not in page_of(registry, "/packages/only-scripts").text
    for place in ("boutique/releases/1.0", "boutique"):
        answer = registry.put(f"/v1/packages/{place}/status", {"status": "quarantined", "reason": "r"})
        assert answer.status == 200, answer.body
        text = page_of(registry, "/packages/boutique/releases/1.0").text
        assert "pip install" not in text and "/simple/" not in text
        registry.put(f"/v1/packages/{place}/status", {"status": "live" if "releases" in place else "active"})


def test_contributions_are_shown_searched_and_their_conflicts_named(filled):
    page = page_of(filled, "/environments/default/contributions")
    for words in ("endpoint-shared", "POST /products/{}", "POST /products/{product_id}", "product.created", "/analytics", "report.read",
                  "published by shop.Create", "subscribed to by stock.Create", "Products: CreateProductRequest → CreateProductResponse"):
        assert words in page.text, words
    assert "/packages/stock" in page.links
    found = page_of(filled, "/environments/default/contributions?group=microcoreos.plugins&q=USER.created").text
    assert "user.created" in found and "product.created" not in found and "report.read" not in found
    assert "No contribution matches" in page_of(filled, "/groups/microcoreos.plugins?q=nothing").text
    owners = page_of(filled, "/groups/microcoreos.plugins?q=POST%20/products").text
    assert "POST /products/{id}" in owners and "user.created" not in owners
    kinds = page_of(filled, "/groups/mountaineer.plugins").text
    assert "router-only" in kinds and "mixed" in kinds and "first-party" not in kinds
    assert "/environments/default/contributions" in page_of(filled, "/environments/default").links


def test_plugins_of_the_groups_owner_are_first_party(registry):
    group, name, other = registry.new_name("owned.g"), registry.new_name("ours"), registry.new_name("theirs")
    registry.publish(name, "1.0", {group: {name: "m:a"}}, manifests={group: {name: {"kind": "mixed"}}})
    registry.publish(other, "1.0", {group: {other: "m:a"}}, manifests={group: {other: {"kind": "mixed"}}})
    ((owner,),) = registry.sql(f"SELECT owner FROM packages WHERE name = '{name}'")
    assert registry.put(f"/v1/groups/{group}", {"owner": owner}, token=registry.admin_token).status == 200
    assert page_of(registry, f"/groups/{group}").text.count("first-party") == 2
    plugins = registry.get(f"/v1/environments/default/contributions?group={group}").json["plugins"]
    assert [plugin["first_party"] for plugin in plugins] == [True, True]


def test_what_the_pages_say(filled):
    assert "Similar packages: analytics" in page_of(filled, "/packages?q=analitics").text
    install = f"pip install --index-url {filled.url}/simple/ honeyframe-analytics==1.2.0"
    for tab, told in {
            "": ("Data team", "MIT", "Numbers are of yesterday."),
            "/entry-points": ("plugins.analytics.reports:router", "plugins.analytics:manifest"),
            "/versions": ("1.0.0", ">=3.9", "no file", "Compare two releases"),
            "/compatibility": ("Release 1.2.0 is served to default", "2 older releases", "1.0.0 – 1.1.0 superseded", "honeyframe 4.2.0"),
            "/files": ("honeyframe_analytics-1.2.0-py3-none-any.whl", "KiB", "py3-none-any"),
            "/dependencies": ("pandas", ">=2", 'python_version >= "3.10"'),
            "/activity": ("published honeyframe-analytics 1.2.0",)}.items():
        package = page_of(filled, f"/packages/honeyframe-analytics{tab}").text
        for words in (*told, "Reports by team and month", install):
            assert words in package, (tab, words)
    misfit = page_of(filled, "/packages/honeyframe-next/compatibility?environment=production").text
    assert "No release fits production" in misfit and "requires-host" in misfit and "honeyframe 4.2.0" in misfit
    assert "yanked: only environments that pin it still get it. Rounds the wrong way" in page_of(filled, "/packages/finance/releases/1.3.0").text
    assert "Use finance instead. Moved." in page_of(filled, "/packages/finance-classic").text.replace(" .", ".")
    group = page_of(filled, f"/groups/{catalogue.GROUP}").text
    for words in ("Platform team", "both are served, each with an error", "name-conflict", "Analytics · Data team · 2 routers"):
        assert words in group, words
    assert "EUR" not in page_of(filled, "/environments/production").text
    environment = page_of(filled, "/environments/production", token=filled.admin_token).text
    for words in ("honeyframe 4.2.0", "==0.4.0", '"currency": "EUR"', "requires-host", "enabled honeyframe-crm"):
        assert words in environment, words
    assert "/plugins" in page_of(filled, "/environments/production/diff?from=1&to=2").text
    transition = page_of(filled, f"/transition?group={catalogue.GROUP}")
    assert "1 of 2 hosts are equal" in transition.text and "found only by the walk helpdesk 1 host: web-2" in transition.text
    assert "name-conflict" in page_of(filled, "/status").text
    assert "yanked finance 1.3.0" in page_of(filled, "/activity").text


def test_two_releases_are_compared(registry):
    """By key: the same entry point with another value is a change. Both ways round; a release with itself differs in nothing."""
    name = registry.new_name("both")
    for version, groups, fields in (
            ("1.0", {"a.plugins": {"kept": "m:a", "moved": "m:b", "gone": "m:c"}}, {"requires_dist": ["pandas>=1", "six"]}),
            ("2.0", {"a.plugins": {"kept": "m:a", "moved": "n:b", "new": "m:d"}},
             {"requires_dist": ["pandas>=2"], "requires_python": ">=3.11",
              "manifests": {"a.plugins": {"new": {"permissions": ["mail.send", {"name": "mail.read"}]}}}})):
        document = {"name": name, "version": version, "entry_points": groups, **fields}
        assert registry.put(f"/v1/packages/{name}/releases/{version}", document).status == 201
    there = page_of(registry, f"/packages/{name}/versions?from=1.0&to=2.0").text
    for words in ("changed a.plugins · moved m:b n:b", "removed a.plugins · gone m:c –", "added a.plugins · new – m:d",
                  "changed pandas pandas>=1 pandas>=2", "removed six six –", "changed Python any >=3.11", "added mail.send – new",
                  "added mail.read – new"):
        assert words in there, (words, there)
    assert "kept" not in there
    back = page_of(registry, f"/packages/{name}/versions?from=2.0&to=1.0").text
    assert "removed a.plugins · new m:d –" in back and "added six – six" in back
    itself = page_of(registry, f"/packages/{name}/versions?from=2.0&to=2.0").text
    assert "changed" not in itself and "The same in both: 3." in itself
    for question in ("from=1.0&to=9", "from=9&to=1.0"):
        page_of(registry, f"/packages/{name}/versions?{question}", 404)


def test_tabs_are_addresses(filled):
    """A tab about one release keeps the release; one about all has one address. What is no tab is not there."""
    page = page_of(filled, "/packages/finance/releases/1.3.0/files")
    assert "/packages/finance/releases/1.3.0/entry-points" in page.links and "/packages/finance/versions" in page.links
    assert "/packages/finance/releases/1.2.0/files" in page.links, "another version, the same tab"
    for path in ("/packages/finance/nosuch", "/packages/finance/releases/1.3.0/versions", "/packages/finance/releases/9/files",
                 "/packages/nosuch/files"):
        page_of(filled, path, 404)
    for path in ("/packages/finance?environment=default", "/packages/finance/files?from=1.2.0"):
        page_of(filled, path, 400)
    assert "Sign in with a token" in page_of(filled, "/packages/finance/manage").text
    assert "/packages/finance/manage" not in page_of(filled, "/packages/finance").links


def test_what_the_pages_say_of_holds(filled):
    reason = "New releases of this package are held: The maintainer's account is under review"
    package = page_of(filled, "/packages/honeyframe-crm").text.replace(" :", ":")
    for words in (reason, "Held by admin:admin since 20"):
        assert words in package, words
    standing = page_of(filled, "/packages/honeyframe-crm/compatibility").text
    for words in ("New releases of the package honeyframe-crm are held", "Release 0.4.0 is served"):
        assert words in standing, words
    assert "held" not in page_of(filled, "/packages/finance").text
    group = page_of(filled, "/groups/fastcms.plugins")
    assert "New releases of all packages in this group are held: Release freeze until Monday" in group.text.replace(" :", ":")
    assert "/transition?group=fastcms.plugins" not in group.links, "no host has reported it"
    member = page_of(filled, "/packages/shop-search")
    assert "all packages in the group fastcms.plugins are held: Release freeze" in member.text.replace(" :", ":")
    assert "/groups/fastcms.plugins" in member.links
    assert "held" not in page_of(filled, f"/groups/{catalogue.GROUP}").text.partition("Entry points")[0].partition("<h1>")[2]
    for path, count in (("/packages?q=crm", 1), ("/packages?q=finance", 0), ("/groups", 1)):
        assert page_of(filled, path).text.split().count("held") == count, path
    with_states = page_of(filled, "/environments/staging").text
    for words in ("allowed", "The user of each host chooses whether it runs.", "until 2099-12-31 00:00 : Fixes the outage of Monday",
                  "(by admin:admin)", "Eligible from 20"):
        assert words in with_states, words
    allowed = page_of(filled, "/packages/honeyframe-analytics/compatibility?environment=staging").text
    assert "Release 1.2.0 is served to staging" in allowed and "Fixes the outage of Monday" in allowed
    assert "Eligible from 20" in page_of(filled, "/packages/finance-classic/compatibility?environment=staging").text
    withheld = "Hosts of this environment withhold the package"
    assert withheld in page_of(filled, "/packages/finance/compatibility?environment=staging").text
    assert withheld not in page_of(filled, "/packages/finance").text


def test_an_exception_that_has_ended_says_so(registry):
    name, package = registry.new_name("env"), registry.new_name("late")
    registry.publish(package, "1.0", {"late.plugins": {package: "m:a"}})
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=3)
    exception = {"until": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "reason": "r <b>x</b>"}
    assert registry.put(f"/v1/environments/{name}", {"plugins": {package: {"allow": {"too-new": exception}}}}).status == 201
    moment = end.strftime("%Y-%m-%d %H:%M")
    assert f"until {moment} : r <b>x</b>" in page_of(registry, f"/environments/{name}").text
    time.sleep((end - datetime.now(timezone.utc)).total_seconds() + 0.1)
    for path in (f"/environments/{name}", f"/packages/{package}/compatibility?environment={name}"):
        assert f"ended {moment} : r <b>x</b>" in page_of(registry, path).text


def test_a_quarantine_says_that_hosts_withhold(registry):
    package = registry.new_name("bad")
    registry.publish(package, "1.0", {f"{package}.plugins": {package: "m:a"}})
    for place, words in (("/releases/1.0", "Release 1.0 is quarantined: registryd does not serve it, and hosts withhold it. worm"),
                         ("", "registryd does not serve it, and hosts withhold it. worm")):
        path = f"/v1/packages/{package}{place}/status"
        assert registry.put(path, {"status": "quarantined", "reason": "worm"}).status == 200
        text = page_of(registry, f"/packages/{package}/releases/1.0").text
        assert words in text.replace(" .", "."), text
        assert registry.put(path, {"status": "live" if place else "active"}).status == 200
    assert "withhold" not in page_of(registry, f"/packages/{package}").text


def test_outdated_packages_are_listed(registry):
    group, name = f"{registry.new_name('behind')}.plugins", registry.new_name("env")
    old, young, plain = (registry.new_name(stem) for stem in ("old", "young", "plain"))
    registry.publish(old, "1.0", {group: {old: "m:a"}})
    for version in ("2.0", "2.1"):
        registry.publish(old, version, {group: {old: "m:a"}}, requires_dist=["host>=5"])
    for package in (young, plain):
        registry.publish(package, "1.0", {group: {package: "m:a"}})
    registry.sql("UPDATE releases SET published_at = now() - interval '9 days'")
    registry.publish(young, "1.1", {group: {young: "m:a"}})
    document = {"facts": {"have": {"host": "4.2"}}, "policy": {"min_age_seconds": 86400}}
    assert registry.put(f"/v1/environments/{name}", document).status == 201
    page = page_of(registry, f"/environments/{name}?group={group}")
    section = page.text.partition("Outdated packages")[2].partition("History")[0]
    assert "1 outdated package, and 1 with newer releases that only have to reach the minimum age." in section
    assert f"{old} 1.0 2.1 (2 newer) requires-host" in section and f"{young} 1.0 1.1 too-new" in section, section
    assert "Eligible from 20" in section and plain not in section
    link = f"/v1/outdated?environment={name}&group={group}"
    assert link in page.links
    assert registry.get(link).json["counts"] == {"outdated": 1, "too_new": 1}
    empty = registry.new_name("env")
    assert registry.put(f"/v1/environments/{empty}", {}).status == 201
    assert "No packages are outdated." in page_of(registry, f"/environments/{empty}?group={registry.new_name('no')}.plugins").text


def test_the_first_outdated_packages_are_shown(registry):
    group, name = f"{registry.new_name('many')}.plugins", registry.new_name("env")
    packages = sorted(registry.new_name("many") for _ in range(25))
    for package in packages:
        registry.publish(package, "1.0", {group: {package: "m:a"}}, requires_python=">=4")
    assert registry.put(f"/v1/environments/{name}", {"facts": {"python": "3.11"}}).status == 201
    section = page_of(registry, f"/environments/{name}?group={group}").text.partition("Outdated packages")[2]
    assert "25 outdated packages" in section and "The first 20 of 25 are shown." in section
    assert all((f"{package} none 1.0" in section) == (package in packages[:20]) for package in packages)


def test_a_name_of_many_packages_is_shown_with_the_first_of_them():
    with Daemon() as crowded:
        for number in range(30):
            name = f"crowd-{number:02}"
            document = {"name": name, "version": "1.0", "entry_points": {"crowd.plugins": {"shared": "a:b", name: "a:b"}}}
            assert crowded.put(f"/v1/packages/{name}/releases/1.0", document).status == 201
        page = page_of(crowded, "/groups/crowd.plugins").text
        assert "shared : crowd-00" in page.replace("shared:", "shared :") and "and 10 more" in page
        assert "crowd-19" in page.partition("and 10 more")[0] and "60 entry points" in page
        assert page_of(crowded, "/groups/crowd.plugins").text == page
        crowded.put("/v1/packages/crowd-00/status", {"status": "quarantined", "reason": "x"})
        assert "and 9 more" in page_of(crowded, "/groups/crowd.plugins").text


def test_empty_fields_of_a_form_ask_for_nothing(filled):
    assert page_of(filled, "/packages?q=&group=&classifier=&status=").text == page_of(filled, "/packages").text


def hostile(name, text, url, readme):
    """A release that says `text` wherever it may."""
    group = "xss.plugins"
    manifest = {text: text, "display_name": text, "author": text, "routers": [text, text], "nav": [{"label": text}]}
    return {
        "name": name, "version": "1.0", "summary": text, "description": readme, "description_content_type": "text/markdown",
        "keywords": [text.replace(",", " ")], "authors": [{"name": text}], "project_urls": {text[:30].strip(): url},
        "entry_points": {group: {name: "m:attr"}}, "manifests": {group: {name: manifest}},
        "provenance": {"convention": text, "path": text},
    }  # fmt: skip


def publish_hostile(registry, name, document):
    """Publishes what the rules let through; the fields they refuse are left out, one after the other."""
    document = dict(document)
    while True:
        answer = registry.put(f"/v1/packages/{name}/releases/1.0", document)
        if answer.status == 201:
            return set(document)
        assert answer.status == 422, answer.body
        fields = {error["where"].split("/")[1] for error in answer.json["errors"]} & set(document)
        assert fields and "name" not in fields, answer.body
        for field in fields:
            del document[field]


def test_no_text_of_a_package_becomes_markup(registry):
    assert len(TEXTS) + len(URLS) + len(READMES) >= 100
    kept, names = set(), []
    for number in range(max(len(TEXTS), len(URLS), len(READMES))):
        name = registry.new_name("xss")
        texts = TEXTS[number % len(TEXTS)], URLS[number % len(URLS)], READMES[number % len(READMES)]
        kept |= publish_hostile(registry, name, hostile(name, *texts))
        names.append(name)
        assert MARK in page_of(registry, f"/packages/{name}").text
    assert kept >= {"summary", "description", "keywords", "authors", "manifests", "entry_points", "project_urls"}
    for path in ("/packages?q=xss", "/entry-points?group=xss.plugins", "/groups/xss.plugins", "/activity", "/", "/status", "/environments/default"):
        page_of(registry, path)


@pytest.mark.parametrize("before", [65533, 65534, 65535, 65536])
def test_a_long_description_is_cut_between_characters(registry, before):
    name = registry.new_name("long")
    document = {"name": name, "version": "1.0", "description": "a" * before + "\u20ac" + "tail"}
    assert registry.put(f"/v1/packages/{name}/releases/1.0", document).status == 201
    text = page_of(registry, f"/packages/{name}").text
    assert "a" * before in text and "tail" not in text and "The text is cut here" in text
    assert ("\u20ac" in text) == (before == 65533)


def test_no_reason_or_setting_becomes_markup(registry):
    name = registry.new_name("xss")
    registry.publish(name, "1.0", {"xss.plugins": {name: "m:a"}})
    for text in TEXTS:
        reason = {"reason": " ".join(text.split())}
        assert registry.post(f"/v1/packages/{name}/releases/1.0/yank", reason).status == 200
        assert registry.put(f"/v1/packages/{name}/status", {"status": "deprecated", **reason}).status == 200
        for held in (f"/v1/packages/{name}", "/v1/groups/xss.plugins"):
            assert registry.put(f"{held}/hold", reason).status == 200
        exception = {"until": "2099-01-01T00:00:00Z", **reason}
        settings = {"plugins": {name: {"settings": {text: text}, "allow": {"too-new": exception}}}, "description": " ".join(text.split())}
        answer = registry.put("/v1/environments/xss", settings, headers={"If-Match": "*"} if text != TEXTS[0] else {})
        assert answer.status in (200, 201, 422), answer.body
        for path in (f"/packages/{name}", f"/packages/{name}/compatibility?environment=xss", "/environments/xss", "/activity", "/environments",
                     "/groups/xss.plugins", "/packages?q=xss", "/groups"):
            page_of(registry, path)
    for path in (f"/v1/packages/{name}", "/v1/groups/xss.plugins"):
        assert registry.request("DELETE", f"{path}/hold", token=registry.admin_token).status == 200


@pytest.mark.parametrize("path", ["/packages?q=", "/packages?classifier=", "/packages?environment=", "/packages?group=", "/groups/", "/packages/",
                                  "/environments/", "/entry-points?module=", "/entry-points?value=", "/entry-points?name=", "/entry-points?group=",
                                  "/entry-points?package=", "/entry-points?cursor=", "/transition?group=", "/transition?team=", "/transition?state=", "/packages?cursor="])
def test_no_parameter_becomes_markup(registry, path):
    for text in TEXTS + INJECTIONS:
        answer = registry.get(path + quote(text, safe=""))
        assert answer.status in (200, 400, 404, 422), (path, text, answer.body)
        if answer.headers["Content-Type"].startswith("text/html"):
            Page(answer.body.decode())


def test_unknown_parameters_are_refused_as_everywhere(filled):
    for path in catalogue.PAGES.values():
        parameters = ("&" if "?" in path else "?") + urlencode({"pythn": "3.11"})
        assert filled.get(path + parameters).status == 400


def test_one_is_counted_as_one(registry):
    group, package = f"{registry.new_name('one')}.plugins", registry.new_name("one")
    registry.publish(package, "1.0", {group: {package: "m:a"}})
    for path in (f"/groups/{group}", f"/environments/default?group={group}"):
        text = page_of(registry, path).text
        assert "1 entry point" in text and "1 entry points" not in text, path
        assert "0 older" not in text, path


def test_what_an_environment_has_is_folded_when_it_is_long(registry):
    for count, is_folded in ((3, False), (40, True)):
        name = registry.new_name("folded")
        have = {f"thing-{number}": "1.0" for number in range(count)}
        assert registry.put(f"/v1/environments/{name}", {"facts": {"have": have}}).status == 201
        page = page_of(registry, f"/environments/{name}")
        folded = [element for element in page.all("details") if "id" not in element]
        assert bool(folded) == is_folded and all(f"{thing} 1.0" in page.text for thing in have)


def test_the_page_of_a_package_with_many_groups_is_bounded(registry):
    name = registry.new_name("wide")
    groups = {f"{name}.g{number:04}": {"x": "m:a"} for number in range(2000)}
    document = {"name": name, "version": "1.0", "entry_points": groups}
    assert registry.put(f"/v1/packages/{name}/releases/1.0", document).status == 201
    page = page_of(registry, f"/packages/{name}/entry-points")
    assert "The first 500 of 2000 are shown." in page.text and f"/v1/packages/{name}/releases/1.0" in page.links
    assert f"{name}.g0499" in page.text and f"{name}.g0500" not in page.text
