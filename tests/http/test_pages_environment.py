# SPDX-License-Identifier: MIT
"""The page of an environment: its four numbers, what is enabled in vain, what is left out by reason, and how the page
stays small when there is much of it."""

import re

import pytest
from support.markup import Page
from support.visitor import Visitor

LIMIT_BYTES = 100 * 1024


def page_of(registry, path, token=None):
    answer = registry.get(path, token=token)
    assert answer.status == 200, answer.body
    return Page(answer.body.decode())


class Setting:
    """An environment that takes listed packages only: one fits, one needs another host, one was yanked, two are not
    enabled, one is disabled."""

    def __init__(self, registry):
        self.registry = registry
        self.name, self.group = registry.new_name("env"), f"{registry.new_name('grp')}.plugins"
        self.good, self.old, self.gone, self.off, *self.others = (
            registry.new_name(stem) for stem in ("good", "old", "gone", "off", "other", "other"))
        for package in (self.good, self.off, *self.others):
            self.publish(package, "1.0")
        for version in ("1.0", "1.1", "2.0"):
            self.publish(self.old, version, requires_dist=[f"acme-host>={'2' if version[0] == '1' else '3'}"])
        self.publish(self.gone, "1.0")
        assert registry.post(f"/v1/packages/{self.gone}/releases/1.0/yank", {"reason": "Bad <wheel>"}).status == 200
        states = {package: {"enabled": True} for package in (self.good, self.old, self.gone)}
        self.document = {"facts": {"have": {"acme-host": "1.4"}}, "policy": {"plugins": "listed"},
                         "plugins": states | {self.off: {"enabled": False}}}
        assert registry.put(f"/v1/environments/{self.name}", self.document).status == 201

    def publish(self, package, version, **fields):
        self.registry.publish(package, version, {self.group: {package: "m:a"}}, **fields)

    def page(self, rest=""):
        return page_of(self.registry, f"/environments/{self.name}{rest}")


@pytest.fixture(scope="module")
def setting(registry):
    return Setting(registry)


def section(page, begin, end):
    return page.text.partition(begin)[2].partition(end)[0]


def test_four_numbers_come_first(setting):
    page = setting.page(f"?group={setting.group}")
    top = section(page, "The rules decide", "Enabled, gets nothing")
    assert "1 package that hosts get 2 enabled, gets nothing 3 withheld: " in top, top
    assert "2 not enabled" in top and "1 disabled" in top
    assert "– would change if thawed: it is not frozen" in top


def test_what_is_enabled_in_vain_comes_before_what_hosts_get(setting):
    page = setting.page()
    told = section(page, "Enabled, gets nothing", "What hosts get")
    assert f"{setting.old} requires-host The release requires acme-host>=3, but the host has acme-host 1.4." in told
    assert f"{setting.gone} yanked The release was yanked: Bad <wheel>." in told
    assert setting.good not in told and setting.off not in told
    assert f"/packages/{setting.old}/compatibility?environment={setting.name}" in page.links
    empty = setting.registry.new_name("env")
    assert setting.registry.put(f"/v1/environments/{empty}", {}).status == 201
    assert "Hosts get a release of every package that is enabled" in page_of(setting.registry, f"/environments/{empty}").text


def test_what_is_left_out_is_folded_by_reason(setting):
    page = setting.page(f"?group={setting.group}")
    folded = section(page, "Left out, by reason", "Outdated packages")
    assert "The host does not meet their requirements requires-host 3 releases of 1 package" in folded
    assert "Not enabled here not-enabled 2 releases of 2 packages" in folded
    assert "Disabled here disabled 1 release of 1 package" in folded
    assert f"{setting.old} 1.0 – 1.1 The release requires acme-host>=2, but the host has acme-host 1.4" in folded
    assert f"{setting.old} 2.0 The release requires acme-host>=3" in folded
    assert all("open" not in element for element in page.all("details"))
    order = [folded.index(words) for words in ("requires-host", "yanked", "disabled", "not-enabled")]
    assert order == sorted(order)


def test_who_decided_stands_beside_it(setting):
    decided = section(setting.page(), "What was decided", "Left out, by reason")
    assert re.search(rf"{setting.off} disabled – – – \S+, (just now|\d+ \w+ ago)", decided), decided


def test_a_long_list_goes_on_on_a_page_of_its_own(registry):
    group, name = f"{registry.new_name('wide')}.plugins", registry.new_name("env")
    packages = sorted(registry.new_name("wide") for _ in range(120))
    for package in packages:
        registry.publish(package, "1.0", {group: {package: "m:a"}}, requires_python=">=4")
    enabled = {package: {"enabled": True} for package in packages}
    assert registry.put(f"/v1/environments/{name}", {"facts": {"python": "3.11"}, "plugins": enabled}).status == 201
    answer = registry.get(f"/environments/{name}")
    page = Page(answer.body.decode())
    assert len(answer.body) < LIMIT_BYTES
    assert "The first 50 of 120 are shown." in page.text and "The first 100 of 120 packages are shown." in page.text
    link = next(link for link in page.links if link.endswith("#requires-python"))
    first = page_of(registry, link.partition("#")[0])
    assert "They need another Python" in first.text
    seen = []
    while True:
        seen += [link.split("/")[2] for link in first.links if link.startswith("/packages/") and link.split("/")[2] in packages]
        following = [link for link in first.links if "left-out?page=" in link]
        if not following:
            break
        first = page_of(registry, following[0])
    assert seen == packages, "each once, in order, over all pages"
    assert registry.get(f"/environments/{name}/left-out?page=0").status == 400
    assert "No releases are left out." not in page_of(registry, f"/environments/{name}/left-out?page=99999").text
    assert registry.get("/environments/no-such/left-out").status == 404


def test_a_frozen_environment_says_what_thawing_would_change(registry):
    group, name = f"{registry.new_name('ice')}.plugins", registry.new_name("env")
    stays, newer, going, comes = (registry.new_name(stem) for stem in ("stays", "newer", "going", "comes"))
    for package in (stays, newer, going):
        registry.publish(package, "1.0", {group: {package: "m:a"}})
    assert registry.put(f"/v1/environments/{name}", {"policy": {"plugins": "listed"}, "plugins": {
        package: {"enabled": True} for package in (stays, newer, going)}}).status == 201
    assert registry.post(f"/v1/environments/{name}/freeze", {"allow_without_files": True}).status == 200
    text = page_of(registry, f"/environments/{name}").text
    assert "0 would change if thawed" in text and "the rules and the lock give the same packages" in text
    registry.publish(newer, "1.1", {group: {newer: "m:a"}})
    assert registry.post(f"/v1/packages/{going}/releases/1.0/yank", {"reason": "Broken"}).status == 200
    told = section(page_of(registry, f"/environments/{name}"), "Would change if thawed", "What was decided")
    assert "0 added, 1 removed, 1 at another version." in told
    assert f"removed {going} 1.0 nothing" in told and f"changed {newer} 1.0 1.1" in told and stays not in told
    assert comes not in told


def test_a_rollback_is_shown_before_it_is_made(registry):
    group, name = f"{registry.new_name('back')}.plugins", registry.new_name("env")
    kept, pinned, dropped = (registry.new_name(stem) for stem in ("kept", "pinned", "dropped"))
    for package, versions in ((kept, ("1.0",)), (pinned, ("1.0", "2.0")), (dropped, ("1.0",))):
        for version in versions:
            registry.publish(package, version, {group: {package: "m:a"}})
    first = {"policy": {"plugins": "listed"}, "plugins": {kept: {"enabled": True}, pinned: {"enabled": True, "pin": "==1.0"}}}
    second = {"policy": {"plugins": "listed"}, "plugins": {kept: {"enabled": True}, pinned: {"enabled": True}, dropped: {"enabled": True}}}
    assert registry.put(f"/v1/environments/{name}", first).status == 201
    assert registry.put(f"/v1/environments/{name}", second, headers={"If-Match": "*"}).status == 200
    preview = f"/environments/{name}/rollback?revision=1"
    stranger = page_of(registry, preview)
    assert "0 added, 1 removed, 1 at another version." in stranger.text
    assert f"removed {dropped} 1.0 nothing" in stranger.text and f"changed {pinned} 2.0 1.0" in stranger.text
    assert kept not in stranger.text.partition("What hosts would get")[2], "it stays as it is"
    assert "Sign in with a token" in stranger.text and f"/environments/{name}/diff?from=2&to=1" in stranger.links
    admin = Visitor(registry, registry.admin_token)
    body = admin.get(preview).body.decode()
    assert f'action="/environments/{name}/rollback"' in body and f"registryctl environment rollback {name} 1" in body
    assert preview in Page(admin.get(f"/environments/{name}").body.decode()).links
    assert registry.get(f"/v1/environments/{name}").json["revision"] == 2, "looking changes nothing"
    assert admin.act(f"/environments/{name}/rollback", revision="1").status == 303
    assert "same packages at the same versions" in page_of(registry, preview).text
    assert registry.post(f"/v1/environments/{name}/freeze", {"allow_without_files": True}).status == 200
    assert "Thaw the environment before you go back" in page_of(registry, preview).text
    frozen = page_of(registry, f"/environments/{name}/rollback?revision=4")
    assert "same packages at the same versions" in frozen.text, "its lock answers"
    for path, status in (("revision=99", 404), ("revision=0", 400), ("revision=x", 400)):
        assert registry.get(f"/environments/{name}/rollback?{path}").status == status


def test_the_matrix_says_what_does_not_fit(registry):
    package, host = registry.new_name("fits"), registry.new_name("host")
    group, old, new = f"{registry.new_name('fit')}.plugins", registry.new_name("env"), registry.new_name("env")
    for version, needs in (("1.0", ">=1,<2"), ("1.1", ">=1,<2"), ("2.0", ">=2"), ("3.0", ">=9")):
        registry.publish(package, version, {group: {package: "m:a"}}, requires_dist=[f"{host}{needs}"],
                         requires_python=">=3.12" if version == "2.0" else ">=3.9")
    for name, version in ((old, "1.4"), (new, "2.1")):
        assert registry.put(f"/v1/environments/{name}", {"facts": {"have": {host: version}}}).status == 201
    answer = registry.get(f"/packages/{package}/compatibility")
    page = Page(answer.body.decode())
    matrix = page.text.partition("Host versions and Pythons that each release supports")[2]
    assert matrix.index(f"{host} 1.4 {old}") < matrix.index(f"{host} 2.1 {new}") < matrix.index("Python 3.9")
    assert f"1.0 – 1.1 yes no: {host}<2,>=1 yes" in matrix, matrix
    assert f"2.0 no: {host}>=2 yes no: >=3.12" in matrix
    assert f"3.0 no: {host}>=9 no: {host}>=9 yes" in matrix
    assert answer.body.decode().count('<tr class="unfit">') == 1, "what fits no host stays, in grey"
    for name in (old, new):
        assert f"?environment={name}#standing" in page.links
    assert "Release 2.0 is served to" in page_of(registry, f"/packages/{package}/compatibility?environment={new}").text


def test_two_revisions_differ_by_package_and_facts_apart(registry):
    name, group = registry.new_name("env"), f"{registry.new_name('two')}.plugins"
    comes, goes, moves = (registry.new_name(stem) for stem in ("comes", "goes", "moves"))
    for package in (comes, goes, moves):
        registry.publish(package, "1.0", {group: {package: "m:a"}})
    documents = ({"facts": {"python": "3.11"}, "plugins": {goes: {"enabled": True}, moves: {"pin": "==1.0"}}},
                 {"facts": {"python": "3.12"}, "plugins": {comes: {"enabled": False}, moves: {"pin": ">=1"}}}, {})
    for document in documents:
        assert registry.put(f"/v1/environments/{name}", document, headers={"If-Match": "*"} if document is not documents[0] else {}).status in (200, 201)
    page = page_of(registry, f"/environments/{name}/diff?from=1&to=2")
    packages, facts = section(page, " Packages ", " Facts and policy "), page.text.partition(" Facts and policy ")[2]
    assert f"{comes} added" in packages and f"{goes} removed" in packages and f"{moves} changed /plugins/{moves}/pin" in packages
    assert "/facts" not in packages and "/facts" in facts and "3.12" in facts and moves not in facts
    assert f"/packages/{goes}" in page.links
    emptied = page_of(registry, f"/environments/{name}/diff?from=2&to=3").text
    assert f"{comes} removed /plugins/{comes}" in emptied and f"{moves} removed /plugins/{moves}" in emptied, "all of a side that has none"
    assert "The two revisions are equal." in page_of(registry, f"/environments/{name}/diff?from=2&to=2").text
