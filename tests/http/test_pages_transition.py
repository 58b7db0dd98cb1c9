# SPDX-License-Identifier: MIT
"""The transition as a dashboard: hosts that differ first, filters, what differs told once with its hosts, the plots of a
group, progress, and since when a group is safe."""
import pytest
from support.access import make_token
from support.catalogue import record
from support.markup import Page

KINDS = ("only_walk", "only_registry", "value", "version", "shadowed", "invalid")


def page_of(registry, path, status=200):
    answer = registry.get(path)
    assert answer.status == status, (path, answer.status, answer.body[:300])
    assert len(answer.body) <= 100 * 1024
    return Page(answer.body.decode())


def report(registry, group, host, only_walk=(), same=3, token=None):
    lists = {kind: [] for kind in KINDS} | {"only_walk": [{**record(name), "group": group} for name in only_walk]}
    answer = registry.post("/v1/reports", {"host": host, "allow_empty": True, "reports": [
        {"group": group, "equal": not only_walk, "same": same, **lists}]}, token=token or registry.admin_token)
    assert answer.status == 201, answer.body


def age(registry, group, host, hours):
    registry.sql(f"UPDATE report_states SET equal_since = now() - interval '{hours} hours', first_report_at = now() - interval '{hours + 1} hours'"
                 f" WHERE group_name = '{group}' AND host = '{host}'")


def hosts_of(page):
    """The names of the hosts of the table, in order."""
    rows = page.text.split("Last report", 1)[1].split("What differs")[0]
    return [word for word in rows.split() if word.startswith("h-")]


@pytest.fixture(scope="module")
def group(registry):
    group = "dashboard.plugins"
    for host in ("h-web-1", "h-web-2", "h-web-3"):
        report(registry, group, host, ["crm", "helpdesk", "mail"])
        report(registry, group, host, ["crm", "helpdesk"], 4)
    report(registry, group, "h-web-3", ["crm", "helpdesk", "warehouse"])
    report(registry, group, "h-waits")
    report(registry, group, "h-safe")
    age(registry, group, "h-safe", 48)
    report(registry, group, "h-safe")
    report(registry, group, "h-empty", same=0)
    return group


def test_hosts_that_differ_come_first(registry, group):
    page = page_of(registry, f"/transition?group={group}")
    assert hosts_of(page) == ["h-web-1", "h-web-2", "h-web-3", "h-waits", "h-empty", "h-safe"]
    labels = [svg.get("aria-label") for svg in page.all("svg") if svg.get("class") == "spark"]
    assert labels[0] == "Differences in the last 2 reports of h-web-1: from 3 to 2" and len(labels) == 6
    assert "3 of 6 hosts are equal" in page.text
    assert "3 differs 1 agrees, not for long enough 1 safe to switch 1 no entry points" in page.text


@pytest.mark.parametrize("state, hosts", [("differs", ["h-web-1", "h-web-2", "h-web-3"]), ("waiting", ["h-waits"]),
                                          ("safe", ["h-safe"]), ("empty", ["h-empty"])])
def test_one_state(registry, group, state, hosts):
    page = page_of(registry, f"/transition?group={group}&state={state}&team=")
    assert hosts_of(page) == hosts
    assert f"{3 if state == 'differs' else 1} " in page.text.split("Hosts by state")[-1]


def test_one_team(registry, group):
    token = make_token(registry, "lab", ["report"], grant=True)
    report(registry, "lab.plugins", "h-lab", ["crm"], token=token)
    assert hosts_of(page_of(registry, "/transition?team=lab")) == ["h-lab"]
    assert "No host is in this state." in page_of(registry, f"/transition?group={group}&team=lab").text


def test_common_differences_are_told_once(registry, group):
    told = page_of(registry, f"/transition?group={group}").text.split("What differs", 1)[1]
    assert "found only by the walk crm, helpdesk 3 hosts: h-web-1, h-web-2, h-web-3" in told.replace(" ,", ",")
    assert "found only by the walk warehouse 1 host: h-web-3" in told and told.count("helpdesk") == 1


def test_a_plot_for_each_host_of_a_group(registry, group):
    page = page_of(registry, f"/transition?group={group}")
    plots = [svg for svg in page.all("svg") if svg.get("class") == "plot" and svg.get("role") == "img"]
    assert len(plots) == 6 and plots[0]["aria-label"].startswith("2 reports of h-web-1") and plots[0]["viewbox"] == "0 0 340 140"
    assert not [svg for svg in page_of(registry, "/transition").all("svg") if svg.get("class") == "plot" and svg.get("role") == "img"]


def test_progress_counts_hosts_that_agree(registry, group):
    page = page_of(registry, f"/transition?group={group}")
    (move,) = [svg for svg in page.all("svg") if svg.get("class") == "plot move"]
    assert move["aria-label"] == "Hosts that agree, over time: 3 of 6 now"
    total, equal = [[int(point.split(",")[1]) for point in line["points"].split()] for line in page.all("polyline")
                    if len(line["points"].split()) == 51]
    assert total == sorted(total, reverse=True) and equal == sorted(equal, reverse=True) and equal[-1] > total[-1]
    assert equal[0] > equal[-1], "in the beginning none agreed"


def test_a_list_goes_on(registry):
    for number in range(53):
        report(registry, "many.plugins", f"h-{number:03}")
    first = page_of(registry, "/transition?group=many.plugins")
    (following,) = [link for link in first.links if "page=2" in link]
    hosts = hosts_of(first) + hosts_of(page_of(registry, following))
    assert hosts == [f"h-{number:03}" for number in range(53)]


@pytest.mark.parametrize("query, status", [("group=nowhere", 404), ("state=x", 422), ("page=0", 400), ("host=x", 400)])
def test_bad_questions(registry, group, query, status):
    page_of(registry, f"/transition?{query}", status)


def test_a_group_without_an_entry_point_is_not_called_safe(registry):
    group = registry.new_name("empty.group")
    report(registry, group, "h-1", same=0)
    for path in ("/transition", f"/transition?group={group}"):
        assert "no entry points" in page_of(registry, path).text
    verdict = page_of(registry, f"/transition?group={group}").text.split("hosts are equal")[0]
    assert "safe to switch" not in verdict
    report(registry, group, "h-2", same=3)
    verdict = page_of(registry, f"/transition?group={group}").text.split("hosts are equal")[0]
    assert "safe to switch" not in verdict and "agrees, not for long enough" in verdict and "safe if reports still agree after" in verdict
    registry.sql(f"UPDATE report_states SET equal_since = now() - interval '25 hours' WHERE group_name = '{group}'")
    report(registry, group, "h-1", same=0)
    report(registry, group, "h-2", same=3)
    day = registry.sql(f"SELECT to_char(max(equal_since) + interval '1 day', 'YYYY-MM-DD HH24:MI') FROM report_states WHERE group_name = '{group}'")[0][0]
    text = page_of(registry, f"/transition?group={group}").text
    assert f"safe to switch since {day}" in text.split("hosts are equal")[0], "the date at which it became safe"
