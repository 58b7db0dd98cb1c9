# SPDX-License-Identifier: MIT
"""Pages cost what they show: a package in 2,000 groups loads none of them, and the status page, asked by many
at once, selects from the registry once."""

import concurrent.futures
import re

import pytest

from support.access import make_token, publish


def metric(registry, name):
    return int(re.search(rf"^{name} (\d+)$", registry.get("/metrics").body.decode(), re.M)[1])


@pytest.fixture(scope="module")
def token(registry):
    return make_token(registry, "wide", ["publish:new", "publish:update", "group:publish"], grant=True)


def test_a_package_in_many_groups_loads_none_of_them(registry, token):
    groups = {f"wide.group{n}": {"main": "wide:main"} for n in range(2000)}
    assert publish(registry, token, "wide", "1.0", groups).status == 201
    assert publish(registry, token, "wide", "2.0", groups).status == 201
    before = metric(registry, "registryd_index_groups")
    page = registry.get("/packages/wide/compatibility")
    assert page.status == 200 and b"2.0" in page.body and b"superseded" in page.body
    assert metric(registry, "registryd_index_groups") - before <= 1


def test_readers_of_the_status_page_share_one_answer(registry, token):
    assert publish(registry, token, "plain", "1.0", {"plain.group": {"main": "plain:main"}}).status == 201
    assert registry.put("/v1/packages/plain/status", {"status": "deprecated", "reason": "old"},
                        token=registry.admin_token).status == 200
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(lambda _: registry.get("/status"), range(32)))
    assert {page.status for page in pages} == {200}
    assert all(b"deprecated" in page.body and b"plain" in page.body for page in pages)
    hits = metric(registry, "registryd_cache_hits_total")
    assert registry.get("/status").status == 200
    assert metric(registry, "registryd_cache_hits_total") == hits + 1  # kept until something changes


def test_search_says_how_far_it_is(registry, token):
    assert publish(registry, token, "sought", "1.0").status == 201
    assert registry.get("/v1/packages?q=sought").json["packages"][0]["name"] == "sought"
    assert registry.get("/readyz").json["search"] == {"behind": 0, "problems": 0}
    assert metric(registry, "registryd_search_behind_changes") == 0
    assert metric(registry, "registryd_search_problems") == 0
    assert registry.get("/v1/problems", token=registry.admin_token).json == {
        "search": [], "lookalikes": [], "groups": [],
        "more": {"search": False, "lookalikes": False, "groups": False}}
    assert registry.get("/v1/problems", token=token).status == 403


def test_a_group_below_an_owned_one_needs_its_owner(registry):
    """acme.plugins belongs to a team: so does acme.plugins.ui, which nobody has set up."""
    owner = make_token(registry, "acme", ["publish:new", "group:publish", "group:contract"], grant=True)
    stranger = make_token(registry, "stranger", ["publish:new"], grant=True)
    assert registry.put("/v1/groups/acme.plugins", {"owner": "acme"}, token=registry.admin_token).status == 200
    for number, (group, who, status) in enumerate((
            ("acme.plugins", "stranger", 403), ("acme.plugins.ui", "stranger", 403),
            ("acme.plugins.ui.deep", "stranger", 403), ("acme", "stranger", 201), ("acme.pluginsx", "stranger", 201),
            ("acme.plugins.ui", "acme", 201), ("acme.plugins.ui.deep", "acme", 201))):
        answer = publish(registry, owner if who == "acme" else stranger, f"in-group-{number}", "1.0",
                         {group: {"main": "m:x"}})
        assert answer.status == status, (group, who, answer.body)
    assert registry.put("/v1/groups/acme.plugins.ui", {"description": "ours"}, token=owner).status == 200
    assert registry.put("/v1/groups/acme.plugins.x", {"description": "theirs"}, token=stranger).status == 403
