# SPDX-License-Identifier: MIT
"""registryctl token, grant, reserve and owner against a real registry, as an administrator uses them, and
the way back in when no administrator's token works any more."""

import re

import pytest

from support.daemon import Daemon
from support.registryctl import on_terminal, registryctl


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        yield running


@pytest.fixture
def admin(daemon):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}


def project(folder, name, version="1.0"):
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n')
    return folder


def test_a_token_in_one_line_publishes(daemon, admin, tmp_path):
    made = registryctl("token", "create", "me", "--grant", "--format", "token", **admin)
    assert made.code == 0 and re.fullmatch(r"plg_[0-9A-Za-z]{46}\n", made.out)
    mine = {**admin, "REGISTRYD_TOKEN": made.out.strip()}
    assert registryctl("publish", project(tmp_path, "mine"), **mine).json[0]["outcome"] == "published"
    shown = registryctl("token", "show", **mine).json
    assert (shown["team"], shown["name"]) == ("me", "me")
    assert {"scope": "publish:new", "object": "*"} in shown["grants"]
    refused = registryctl("publish", project(tmp_path, "theirs"), **admin)
    assert refused.code == 3 and "registryctl token create" in refused.json[0]["error"]["message"]


def test_prefix_scope_kind_and_days(daemon, admin, tmp_path):
    made = registryctl("token", "create", "build", "--team", "crm", "--kind", "ci", "--prefix", "crm", "--scope",
                       "publish", "--scope", "environment:prod", "--days", "1", "--grant", **admin).json
    assert made["token"].startswith("plgc_") and made["prefix"] == "crm"
    assert made["scopes"] == ["publish:new", "publish:update", "group:publish", "environment:prod"]
    granted = registryctl("grant", "list", "--team", "crm", **admin).json
    assert [(one["scope"], one["object"]) for one in granted] == [
        ("environment", "prod"), ("publish:new", "crm"), ("publish:update", "crm")]
    build = {**admin, "REGISTRYD_TOKEN": made["token"]}
    assert registryctl("publish", project(tmp_path, "crm-x"), **build).code == 0
    assert registryctl("publish", project(tmp_path, "other"), **build).code == 3


def test_a_prefix_grants_nothing_beyond_it(daemon, admin, tmp_path):
    made = registryctl("token", "create", "author", "--team", "acme", "--prefix", "acme", "--grant", **admin).json
    rows = registryctl("grant", "list", "--team", "acme", **admin).json
    assert [(one["scope"], one["object"]) for one in rows] == [
        ("publish:new", "acme"), ("publish:update", "acme"), ("yank", "acme")]
    author = {**admin, "REGISTRYD_TOKEN": made["token"]}
    assert {(one["scope"], one["object"]) for one in made["may"] if one["object"]} == {
        ("publish:new", "acme"), ("publish:update", "acme"), ("yank", "acme")}
    assert registryctl("token", "show", **author).json["may"] == made["may"]
    assert registryctl("publish", project(tmp_path, "acme-x"), **author).code == 0
    assert registryctl("publish", project(tmp_path, "other-x"), **author).code == 3
    assert registryctl("environment", "enable", "default", "acme-x", **author).code == 3


@pytest.mark.parametrize("options, commands", [
    ([], ["token create x --grant", "token create x --kind admin"]),
    (["--prefix", "acme"], ["token create x --prefix acme --grant", "token create x --kind admin"]),
    (["--kind", "ci", "--days", "3"], ["token create x --grant", "token create x --kind admin"]),
])
def test_a_token_without_a_right_is_refused(admin, options, commands):
    before = registryctl("token", "list", **admin).json
    refused = registryctl("token", "create", "x", *options, **admin)
    assert refused.code == 2 and "would have no right" in refused.err
    assert [command for command in commands if f'"registryctl {command}"' not in refused.err] == []
    assert registryctl("token", "list", **admin).json == before


@pytest.mark.parametrize("options, words", [
    (["--team", "strangers"], 'its team "strangers" has no grant for its scopes'),
    (["--scope", "publish"], 'its team "x" has no grant for its scopes'),
    (["--scope", "report", "--prefix", "acme", "--grant"], 'its team "x" would get no grant'),
])
def test_the_registry_refuses_what_could_do_nothing(admin, options, words):
    before = registryctl("token", "list", **admin).json
    refused = registryctl("token", "create", "x", *options, **admin)
    assert refused.code == 3 and words in refused.err, refused
    assert registryctl("token", "list", **admin).json == before


def test_a_new_token_shows_what_it_may_do(admin):
    shown = on_terminal("token", "create", "told", "--prefix", "told", "--grant", **admin).out
    assert re.search(r"publish:new +told\n", shown, re.M) and "everything" not in shown, shown


def test_grants_come_and_go(daemon, admin, tmp_path):
    registryctl("grant", "add", "goers", "read", **admin)
    token = registryctl("token", "create", "g", "--team", "goers", "--format", "token", **admin).out.strip()
    goer = {**admin, "REGISTRYD_TOKEN": token}
    assert registryctl("publish", project(tmp_path, "gone"), **goer).code == 3
    assert registryctl("grant", "add", "goers", "publish:new", "gone", **admin).json["changed"]
    assert registryctl("publish", project(tmp_path, "gone"), **goer).code == 0
    assert registryctl("grant", "remove", "goers", "publish:new", "gone", **admin).json["changed"]
    assert registryctl("publish", project(tmp_path, "gone-2"), **goer).code == 3
    assert "Unchanged" in on_terminal("grant", "remove", "goers", "publish:new", "gone", **admin).out
    assert registryctl("owner", "gone", "others", **admin).json["owner"] == "others"
    assert registryctl("publish", project(tmp_path, "gone", "2.0"), **goer).code == 3
    assert registryctl("owner", "nowhere", "others", **admin).code == 1


def test_names_are_reserved(daemon, admin, tmp_path):
    token = registryctl("token", "create", "r", "--team", "squatters", "--grant", "--format", "token", **admin).out
    squatter = {**admin, "REGISTRYD_TOKEN": token.strip()}
    assert registryctl("reserve", "add", "Crown", "--prefix", "--team", "royal", "--reason", "ours", **admin).code == 0
    assert registryctl("publish", project(tmp_path, "crown-jewel"), **squatter).code == 3
    (row,) = registryctl("reserve", "list", **admin).json
    assert (row["name"], row["prefix"], row["team"], row["reason"]) == ("crown", True, "royal", "ours")
    assert registryctl("reserve", "remove", "crown", **admin).code == 0
    assert registryctl("reserve", "remove", "crown", **admin).code == 1
    assert registryctl("publish", project(tmp_path, "crown-jewel"), **squatter).code == 0


def test_tokens_are_listed_and_revoked(daemon, admin):
    made = registryctl("token", "create", "old", "--team", "leavers", "--grant", **admin).json
    assert "token" not in registryctl("token", "list", "--team", "leavers", **admin).json[0]
    shown = on_terminal("token", "list", **admin).out
    assert "leavers" in shown and "active" in shown and made["token"] not in shown
    assert registryctl("token", "revoke", str(made["id"]), "--reason", "left", **admin).json["revoked_now"]
    assert registryctl("token", "show", str(made["id"]), **admin).json["revoked_reason"] == "left"
    assert registryctl("token", "show", REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=made["token"]).code == 3
    leaked = registryctl("token", "create", "leaky", "--grant", **admin).json["token"]
    nobody = {"REGISTRYD_URL": daemon.url}
    assert registryctl("token", "revoke", leaked, **nobody).json == {"revoked": True}
    assert registryctl("token", "revoke", leaked[:-1] + "_", **nobody).code == 1
    assert registryctl("token", "show", "999999", **admin).code == 1


@pytest.mark.parametrize("arguments, needle", [
    (["token", "make", "x"], "lists the actions"), (["token", "create"], "create NAME"),
    (["token", "create", "x", "--days", "many"], "Invalid --days"), (["grant", "add", "x"], "TEAM SCOPE"),
    (["grant", "give", "x", "y"], "lists the actions"), (["reserve", "add"], "reserve add NAME"),
    (["audit", "--after", "x"], "Invalid --after"),
])
def test_mistakes_are_told_in_words(admin, arguments, needle):
    done = registryctl(*arguments, **admin)
    assert done.code == 2 and needle in done.err


@pytest.mark.parametrize("arguments", [
    ["token", "create", "x", "--scope", "fly"], ["token", "create", "x", "--kind", "root"],
    ["token", "create", "x", "--days", "400"], ["grant", "add", "x", "fly"],
    ["grant", "add", "x", "read", "crm"], ["reserve", "add", "-x-"],
])
def test_what_the_registry_refuses(admin, arguments):
    assert registryctl(*arguments, **admin).code in (2, 3)


def test_the_way_back_in():
    """When no administrator's token works: remove the file, start again."""
    with Daemon() as daemon:
        first = daemon.admin_token
        (row,) = daemon.get("/v1/tokens", token=first).json["tokens"]
        assert daemon.post(f"/v1/tokens/{row['id']}/revoke", {}, token=first).status == 200
        assert daemon.get("/v1/tokens", token=first).status == 401
        assert daemon.stop() == 0
        (daemon.data_dir / "admin.token").unlink()
        daemon.start()
        assert daemon.admin_token != first
        rows = daemon.get("/v1/tokens", token=daemon.admin_token).json["tokens"]
        assert [row["state"] for row in rows] == ["revoked", "active"]
        # The file of one that was revoked is no obstacle, and opens nothing.
        assert daemon.post(f"/v1/tokens/{rows[1]['id']}/revoke", {}, token=daemon.admin_token).status == 200
        assert daemon.stop() == 0
        daemon.start()
        assert daemon.get("/v1/tokens", token=daemon.admin_token).status == 401
