# SPDX-License-Identifier: MIT
"""The state of an environment on its page: freezing, thawing, promoting, archiving and restoring with forms."""

import pytest

from support.artifacts import wheel
from support.environments import address, create, ok
from support.visitor import Visitor

GROUP = "page.plugins"


@pytest.fixture(scope="module")
def admin(registry):
    return Visitor(registry, registry.admin_token)


@pytest.fixture
def place(registry):
    """(environment, package): the one enables the other, which has a wheel."""
    package, environment = registry.new_name("paged"), registry.new_name("env")
    filename, data = wheel(package, "1.0", f"[{GROUP}]\n{package} = {package}:x\n")[:2]
    assert registry.post(f"/v1/artifacts?filename={filename}", data,
                         headers={"Content-Type": "application/octet-stream"}).status == 201
    create(registry, environment, {"policy": {"plugins": "listed"}, "plugins": {package: {"enabled": True}}})
    return environment, package


def text_of(visitor, path):
    answer = visitor.get(path)
    assert answer.status == 200, answer.body
    return answer.body.decode()


def act(visitor, environment, code=303, **fields):
    answer = visitor.act(f"/environments/{environment}/state", **fields)
    assert answer.status == code, answer.body
    return answer.body.decode()


def test_a_person_freezes_and_thaws(registry, admin, place):
    environment, package = place
    page = f"/environments/{environment}"
    assert "The rules decide" in text_of(admin, page) and 'value="freeze"' in text_of(admin, page)
    act(admin, environment, action="freeze", reason="release 5")
    shown = text_of(admin, page)
    assert "1 locked release" in shown and "Only a quarantine withholds" in shown and 'value="thaw"' in shown
    assert f'/v1{page}/export?format=pylock"' in shown
    assert f'action="{page}/plugins"' not in shown  # its rules stay
    assert ok(registry.get(address(environment)))["reason"] == "release 5"
    body = act(admin, environment, 422, action="freeze", ignored=f"{package}==1.0", reason="no other way")
    assert "is not quarantined" in body
    ok(registry.put(f"/v1/packages/{package}/releases/1.0/status", {"status": "quarantined", "reason": "worm"}))
    act(admin, environment, action="freeze", ignored=f"{package.upper()}==1.0", reason="no other way")
    shown = text_of(admin, page)
    assert "quarantine ignored" in shown and "no other way" in shown
    act(admin, environment, action="thaw")
    assert "The rules decide" in text_of(admin, page)


def test_a_person_promotes(registry, admin, place):
    environment, package = place
    production = registry.new_name("env")
    create(registry, production)
    assert "is not frozen" in act(admin, production, 409, action="promote", **{"from": environment})
    act(admin, environment, action="freeze")
    act(admin, production, action="promote", **{"from": environment})
    shown = text_of(admin, f"/environments/{production}")
    assert f'href="/environments/{environment}"' in shown and package in shown
    act(admin, production, 422, action="promote")


def test_a_person_archives_and_restores(registry, admin, place):
    environment, _ = place
    page = f"/environments/{environment}"
    act(admin, environment, action="archive", reason="a slip <of> the pen")
    shown = text_of(admin, page)
    assert "get nothing: a slip &lt;of&gt; the pen." in shown and 'value="restore"' in shown
    assert 'value="freeze"' not in shown and "Entry points" not in shown
    assert page not in text_of(admin, "/environments?limit=1000")
    assert page in text_of(admin, "/environments?limit=1000&archived=1")
    act(admin, environment, action="restore")
    assert page in text_of(admin, "/environments?limit=1000")
    assert 'value="archive"' not in text_of(admin, "/environments/default")


def test_who_may_not_sees_no_forms(registry, place):
    environment, _ = place
    stranger = Visitor(registry)
    shown = text_of(stranger, f"/environments/{environment}")
    assert "The rules decide" in shown and "/state" not in shown
    assert stranger.send(f"/environments/{environment}/state", action="freeze").status in (401, 403)
    admin = Visitor(registry, registry.admin_token)
    for fields in ({"action": "melt"}, {}, {"action": "freeze", "ignored": "crm"}):
        act(admin, environment, 422, **fields)
