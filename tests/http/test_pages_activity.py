# SPDX-License-Identifier: MIT
"""Activity for people: sentences, filters and pages of the page; Atom feeds of everything, of a package and of a group, held
against RFC 4287; and that a closed registry shows a feed to those alone who may read."""
import base64
import re
import xml.etree.ElementTree as ET
from urllib.parse import quote

import pytest
from support import catalogue
from support.daemon import Daemon
from support.markup import Page

ATOM = "{http://www.w3.org/2005/Atom}"
NEXT = re.compile(r"before=(\d+)")
GROUP = catalogue.GROUP


@pytest.fixture(scope="module")
def filled(registry):
    return catalogue.fill(registry)


def page_of(registry, path, status=200):
    answer = registry.get(path)
    assert answer.status == status, (path, answer.status, answer.body[:300])
    return Page(answer.body.decode())


def feed_of(registry, path, **options):
    answer = registry.get(path, **options)
    assert answer.status == 200, (path, answer.status, answer.body[:300])
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(answer.body)


def titles(feed):
    return [entry.findtext(ATOM + "title") for entry in feed.iter(ATOM + "entry")]


def test_who_did_what_to_what(filled):
    yanked = next(change for change in filled.get("/v1/changes?kind=yank").json["changes"])
    told = page_of(filled, "/activity").text
    assert f"{yanked['actor']} yanked finance 1.3.0" in told and yanked["reason"] in told
    environment = filled.get("/v1/changes?environment=production").json["changes"][-1]
    assert "changed production" in told and environment["detail"] in told
    assert "An administrator created a token" in told


@pytest.mark.parametrize("query, there, elsewhere", [
    ("package=finance", "finance 1.3.0", "published honeyframe-analytics"), (f"group={GROUP}", "finance 1.3.0", "created a token"),
    ("environment=production", "changed production", "yanked finance"), ("kind=yank", "yanked finance", "published"),
    ("package=&group=&environment=&actor=&kind=deprecate", "deprecated finance-classic", "published")])
def test_filters(filled, query, there, elsewhere):
    told = page_of(filled, f"/activity?{query}").text
    assert there in told and elsewhere not in told


def test_the_links_of_a_sentence_lead_on(filled):
    page = page_of(filled, "/activity?kind=yank")
    actor = next(link for link in page.links if link.startswith("/activity?actor="))
    assert "/packages/finance/releases/1.3.0" in page.links and "yanked finance" in page_of(filled, actor).text
    assert "No changes match." in page_of(filled, "/activity?package=nowhere").text
    page_of(filled, "/activity?kind=publsh", 422)


def test_pages_have_every_change_once(filled):
    for number in range(40):
        filled.publish("many", f"1.{number}", {"many.plugins": {"e": "m:a"}})
    seen, path = [], "/activity"
    while path:
        page = page_of(filled, path)
        seen += [int(attributes["id"].removeprefix("change-")) for attributes in page.all("li") if attributes.get("id", "").startswith("change-")]
        path = next((link for link in page.links if NEXT.search(link)), None)
    assert seen == list(range(seen[0], 0, -1)) and len(seen) > 50


FEEDS = {"/activity.atom": "/activity", "/packages/finance/activity.atom": "/packages/finance/activity",
         f"/groups/{GROUP}/activity.atom": f"/groups/{GROUP}", "/activity.atom?kind=yank": "/activity?kind=yank"}


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_valid(filled, path):
    """What RFC 4287 requires of a feed and of each entry, in numbers and forms."""
    feed = feed_of(filled, path)
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
    assert feed.tag == ATOM + "feed"
    entries = feed.findall(ATOM + "entry")
    assert entries
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, (name, ET.tostring(element))
        assert moment.match(element.findtext(ATOM + "updated"))
        assert re.match(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", element.findtext(ATOM + "id"))
        alternates = [link for link in element.findall(ATOM + "link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
        address = alternates[0].get("href")
        assert address.startswith(filled.url + "/") and filled.get(address.removeprefix(filled.url)).status == 200, address
    (own,) = [link.get("href") for link in feed.findall(ATOM + "link") if link.get("rel") == "self"]
    assert own == filled.url + path
    assert [link.get("href") for link in feed.findall(ATOM + "link") if link.get("rel") == "alternate"] == [filled.url + FEEDS[path]]
    assert all(entry.find(f"{ATOM}author/{ATOM}name").text and entry.find(ATOM + "category").get("term") for entry in entries)
    ids = [element.findtext(ATOM + "id") for element in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    times = [entry.findtext(ATOM + "updated") for entry in entries]
    assert times == sorted(times, reverse=True) and feed.findtext(ATOM + "updated") == times[0]


def test_ids_are_one_in_all_feeds_and_daemons(filled):
    def ids(registry, path):
        feed = feed_of(registry, path)
        return feed.findtext(ATOM + "id"), {entry.findtext(ATOM + "title"): entry.findtext(ATOM + "id") for entry in feed.iter(ATOM + "entry")}
    whole, every = ids(filled, "/activity.atom")
    package, some = ids(filled, "/packages/finance/activity.atom")
    assert whole != package and some.items() <= {**every, **some}.items()
    with Daemon(arguments=["--database-url", filled.conninfo]) as other:
        assert ids(other, "/activity.atom") == (whole, every), "under another address"
        assert ids(other, "/packages/Finance/activity.atom") == (package, some)


def test_a_tag_stays_until_something_happens(filled):
    paths = ("/activity.atom", "/packages/finance/activity.atom", f"/groups/{GROUP}/activity.atom")
    tags = [filled.get(path).headers["ETag"] for path in paths]
    assert [filled.get(path, headers={"If-None-Match": tag}).status for path, tag in zip(paths, tags)] == [304] * 3
    filled.publish("elsewhere", "1.0", {"others.plugins": {"e": "m:a"}})
    assert [filled.get(path, headers={"If-None-Match": tag}).status for path, tag in zip(paths, tags)] == [200, 304, 304]


def test_a_reason_is_text_and_not_markup(filled):
    name = filled.new_name("hostile")
    filled.publish(name, "1.0")
    reason = "<b>&amp;]]> \u202e \"quotes\" it's"
    assert filled.post(f"/v1/packages/{name}/releases/1.0/yank", {"reason": reason}).status == 200
    entry = feed_of(filled, f"/packages/{name}/activity.atom").find(ATOM + "entry")
    assert entry.findtext(ATOM + "summary") == reason and entry.findtext(ATOM + "title").endswith(f"yanked {name} 1.0")


@pytest.mark.parametrize("path, status", [("/packages/nowhere/activity.atom", 404), ("/groups/nowhere/activity.atom", 404),
                                          ("/packages/-/activity.atom", 404), ("/activity.atom?kind=x", 422), ("/activity.atom?q=x", 400)])
def test_feeds_that_are_not(filled, path, status):
    assert filled.get(path).status == status


def test_pages_name_their_feed(filled):
    for path, feed in [("/activity?kind=yank", "/activity.atom?kind=yank"), ("/packages/finance", "/packages/finance/activity.atom"),
                       (f"/groups/{GROUP}", f"/groups/{quote(GROUP)}/activity.atom")]:
        links = [link for link in page_of(filled, path).all("link") if link.get("rel") == "alternate"]
        assert [(link["type"], link["href"]) for link in links] == [("application/atom+xml", feed)]
    assert not [link for link in page_of(filled, "/status").all("link") if link.get("rel") == "alternate"]


def test_a_closed_registry_shows_feeds_to_readers_alone(filled):
    with Daemon(arguments=["--database-url", filled.conninfo, "--reading", "closed"]) as closed:
        for path in ("/activity.atom", "/packages/finance/activity.atom", f"/groups/{GROUP}/activity.atom", "/packages/nowhere/activity.atom"):
            refused = closed.get(path)
            assert refused.status == 401 and b"finance" not in refused.body and "Basic" in refused.headers["WWW-Authenticate"], path
        token = filled.admin_token
        basic = base64.b64encode(f"__token__:{token}".encode()).decode()
        assert titles(feed_of(closed, "/activity.atom", token=token)) \
            == titles(feed_of(closed, "/activity.atom", headers={"Authorization": f"Basic {basic}"})) != []
