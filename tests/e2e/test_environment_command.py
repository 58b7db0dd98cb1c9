# SPDX-License-Identifier: MIT
"""Environments from the command line, on a real registry: the stories of FastCMS (settings of plugins,
changed over and over) and Honeyframe (permissions looked at before a plugin is enabled), and what people
see on a terminal."""
import json

import pytest

from support.daemon import Daemon
from support.registryctl import on_terminal, registryctl

GROUP = "honeyframe.plugins"


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        publish(running, "honeyframe-crm", "1.0", "crm", ["customer.read"])
        publish(running, "honeyframe-crm", "1.2", "crm", ["customer.read", "customer.edit"])
        publish(running, "hello-world", "1.0.0", "hello", group="fastcms.plugins")
        publish(running, "acme-reports", "2.0", "reports")
        yield running


def publish(daemon, name, version, entry, permissions=None, group=GROUP):
    manifest = {"name": entry, "version": version}
    if permissions is not None:
        manifest["permissions"] = permissions
    answer = daemon.put(f"/v1/packages/{name}/releases/{version}", {
        "name": name, "version": version, "entry_points": {group: {entry: f"plugins.{entry}:manifest"}},
        "manifests": {group: {entry: manifest}}})
    assert answer.status == 201, answer.body


@pytest.fixture
def run(daemon):
    def run(*words, code=0, terminal=False, columns=100, **settings):
        call = on_terminal if terminal else registryctl
        given = {"columns": columns} if terminal else {}
        done = call("environment", *words, **given, REGISTRYD_URL=daemon.url,
                    REGISTRYD_TOKEN=daemon.publisher_token, NO_COLOR="1", **settings)
        assert done.code == code, done.out + done.err
        return done.out if terminal else done
    return run


def document(run, name):
    return run("show", name).json["document"]


def test_settings_as_fastcms_keeps_them(run):
    run("create", "cms")
    run("enable", "cms", "hello-world")
    run("settings", "cms", "hello-world", "api_key=env:HELLO_KEY", "limit=10", 'menu={"show": true, "at": 3}')
    run("settings", "cms", "hello-world", "limit=20", "menu={\"at\": null}", "title=")
    wanted = {"api_key": "env:HELLO_KEY", "limit": 20, "menu": {"show": True}}
    assert run("settings", "cms", "hello-world").json["set"] == wanted
    assert document(run, "cms")["plugins"] == {"hello-world": {"enabled": True, "settings": wanted}}
    # An object from a file is merged too; what somebody set by mistake is one step back.
    run("settings", "cms", "Hello_World", "api_key=oops")
    newest = run("show", "cms").json["revision"]
    run("rollback", "cms", str(newest - 1))
    assert run("settings", "cms", "hello-world").json["set"] == wanted


def test_settings_from_a_file(run, tmp_path):
    run("create", "cms-file")
    (tmp_path / "settings.json").write_text('{"a": {"b": 1, "c": 2}}')
    run("settings", "cms-file", "hello-world", "--file", tmp_path / "settings.json")
    (tmp_path / "settings.json").write_text('{"a": {"b": null}}')
    run("settings", "cms-file", "hello-world", "--file", tmp_path / "settings.json", "x=1")
    assert run("settings", "cms-file", "hello-world").json["set"] == {"a": {"c": 2}, "x": 1}
    (tmp_path / "settings.json").write_text("[1]")
    done = run("settings", "cms-file", "hello-world", "--file", tmp_path / "settings.json", code=3)
    assert "Settings must be a JSON object, not an array" in done.err


def test_settings_over_the_defaults_of_the_group(daemon, run):
    schema = {"additionalProperties": False, "properties": {"size": {"type": "integer", "default": 20},
                                                            "mail": {"properties": {"a/b": {"default": "x"}, "port": {"type": "integer"}}}}}
    daemon.put("/v1/packages/shown-pkg/releases/1.0", {"name": "shown-pkg", "version": "1.0", "entry_points": {"shown.g": {"x": "p:x"}}})
    assert daemon.put("/v1/groups/shown.g", {"settings_schema": schema}).status == 200
    run("create", "shown")
    assert run("settings", "shown", "shown-pkg").json["settings"] == {"size": 20, "mail": {"a/b": "x"}}
    run("settings", "shown", "shown-pkg", 'mail={"port": 25}')
    shown = [line.split() for line in run("settings", "shown", "shown-pkg", terminal=True).splitlines()]
    assert ["/size", "20", "default"] in shown and ["/mail/port", "25", "package"] in shown and ["/mail/a~1b", "x", "default"] in shown
    assert run("settings", "shown", "shown-pkg", "--group", "other.g").json["settings"] == {"mail": {"port": 25}}
    run("settings", "shown", "shown-pkg", "--entry-point", "shown.g:x", "size=7")
    assert run("settings", "shown", "shown-pkg", "--entry-point", "shown.g:x").json["origins"]["/size"] == "entry-point"
    assert run("settings", "shown", "shown-pkg").json["settings"]["size"] == 20
    assert "GROUP:NAME" in run("settings", "shown", "shown-pkg", "--entry-point", "x", code=2).err
    done = run("settings", "shown", "shown-pkg", "sise=3", "size=x", code=3)
    assert '/sise' in done.err and 'did you mean "size"?' in done.err and "/size: " in done.err


def test_permissions_as_honeyframe_checks_them(run):
    run("create", "hf", "--permissions", "customer.read", "--plugins", "listed")
    done = run("enable", "hf", "honeyframe-crm", code=3)
    assert "customer.edit" in done.err and "manifest of crm" in done.err and "Nothing was changed" in done.err
    assert done.out == ""
    run("enable", "hf", "honeyframe-crm", "--pin", "==1.0")
    assert document(run, "hf")["plugins"] == {"honeyframe-crm": {"enabled": True, "pin": "==1.0"}}
    done = run("unpin", "hf", "honeyframe-crm", code=3)
    assert "customer.edit" in done.err
    run("set", "hf", "--permissions", "customer.read, customer.edit")
    run("unpin", "hf", "honeyframe-crm")
    run("set", "hf", "--permissions", "none", code=3)
    run("set", "hf", "--permissions", "any")
    run("set", "hf", "--permissions", "none", code=3)
    run("disable", "hf", "honeyframe-crm")
    run("set", "hf", "--permissions", "none")
    assert document(run, "hf") == {"permissions": [], "policy": {"plugins": "listed"},
                                   "plugins": {"honeyframe-crm": {"enabled": False}}}


def test_one_environment_only(run, daemon):
    run("create", "with-reports")
    run("create", "without-reports")
    run("disable", "without-reports", "acme-reports")
    def names(environment):
        answer = daemon.get(f"/v1/resolve?group={GROUP}&environment={environment}")
        assert answer.status == 200, answer.body
        return {record["name"] for record in answer.json["records"]}
    assert "reports" in names("with-reports")
    assert "reports" not in names("without-reports")
    assert "crm" in names("without-reports")


def test_facts_there_and_back(run, tmp_path):
    run("create", "facts", "--facts-from", "/usr/bin/python3")
    told = run("facts", "--python", "/usr/bin/python3")
    assert document(run, "facts")["facts"] == told.json
    (tmp_path / "facts.json").write_text('{"python": "3.12", "have": {"a": "1"}}')
    run("set", "facts", "--facts", tmp_path / "facts.json")
    assert document(run, "facts") == {"facts": {"python": "3.12", "have": {"a": "1"}}}
    (tmp_path / "facts.json").write_text('{"python": 3.12}')
    done = run("set", "facts", "--facts", tmp_path / "facts.json", code=3)
    assert "/facts/python" in done.err and "Nothing was changed" in done.err
    (tmp_path / "facts.json").write_text('{"python"')
    assert "facts.json: line 1" in run("set", "facts", "--facts", tmp_path / "facts.json", code=3).err


def test_a_document_there_and_back(run, tmp_path):
    run("create", "doc", "--description", "first", "--min-age", "7d", "--prereleases", "yes")
    assert document(run, "doc") == {"description": "first",
                                    "policy": {"min_age_seconds": 604800, "prereleases": True}}
    (tmp_path / "doc.json").write_text(json.dumps({"permissions": ["x"], "policy": {"plugins": "listed"}}))
    run("set", "doc", "--document", tmp_path / "doc.json", "--description", "second", "--min-age", "30m")
    assert document(run, "doc") == {"description": "second", "permissions": ["x"],
                                    "policy": {"plugins": "listed", "min_age_seconds": 1800}}
    run("set", "doc", "--description", "-", "--min-age", "0")
    assert document(run, "doc") == {"permissions": ["x"], "policy": {"plugins": "listed"}}


def test_how_old_a_snapshot_may_be(run):
    run("create", "aged", "--max-snapshot-age", "7d")
    assert document(run, "aged")["policy"] == {"max_snapshot_age_seconds": 604800}
    assert "snapshots too old after 7 days" in run("show", "aged", terminal=True, columns=200)
    run("set", "aged", "--max-snapshot-age", "none")
    assert document(run, "aged")["policy"] == {"max_snapshot_age_seconds": 0}
    assert "snapshots never too old" in run("show", "aged", terminal=True, columns=200)
    for wrong in ("7", "soon", "-1d", "11000d"):
        done = run("set", "aged", "--max-snapshot-age", wrong, code=0 if wrong == "7" else 2)
        assert wrong == "7" or f'Invalid --max-snapshot-age "{wrong}"' in done.err


def test_secret_settings(daemon, run):
    run("create", "secrets")
    run("enable", "secrets", "hello-world")
    run("settings", "secrets", "hello-world", "api_key=hidden-1", "limit=10", "--secret-setting", "/api_key")
    assert document(run, "secrets")["plugins"]["hello-world"]["secret_settings"] == ["/api_key"]
    run("settings", "secrets", "hello-world", "api_key=hidden-2")
    told = run("history", "secrets").out + run("diff", "secrets", code=1).out + daemon.get("/environments/secrets").body.decode()
    assert "hidden-1" not in told and "hidden-2" not in told and "/api_key" in told
    run("settings", "secrets", "hello-world", "--secret-setting", "/limit", "--secret-setting", "/api_key")
    assert sorted(document(run, "secrets")["plugins"]["hello-world"]["secret_settings"]) == ["/api_key", "/limit"]
    assert "secret" in run("settings", "secrets", "hello-world", "--secret-setting", "api_key", code=3).err
    run("settings", "secrets", "hello-world", "--secret-setting", "none")
    assert "secret_settings" not in document(run, "secrets")["plugins"]["hello-world"]


def test_who_was_faster(run):
    run("create", "race")
    assert "exists already. Change it with" in run("create", "race", code=3).err
    run("set", "race", "--description", "one", "--if-revision", "1")
    for words in (("set", "race", "--description", "two"), ("disable", "race", "acme-reports"),
                  ("rollback", "race", "1")):
        done = run(*words, "--if-revision", "1", code=3)
        assert "is at revision 2 now" in done.err
    assert run("set", "race", "--description", "one").json["changed"] is False


def test_differences_on_a_terminal(run):
    run("create", "look", "--permissions", "a,b")
    run("settings", "look", "acme-reports", "page=50", "title=Kunden")
    run("set", "look", "--permissions", "b,c", "--plugins", "listed")
    shown = run("diff", "look", terminal=True, code=1)
    lines = shown.splitlines()
    assert lines[0].startswith("- look revision 2, ") and lines[1].startswith("+ look revision 3, ")
    assert lines[3:] == ["~ /permissions  -a +c", "+ /policy/plugins listed"]
    shown = run("diff", "look", "1", "2", terminal=True, code=1)
    assert "+ /plugins/acme-reports/settings/page 50" in shown.splitlines()
    run("settings", "look", "acme-reports", "page=60")
    assert "~ /plugins/acme-reports/settings/page 50 -> 60" in run("diff", "look", terminal=True, code=1)
    assert "No differences." in run("diff", "look@2", "look@2", terminal=True)
    assert "- default revision" in run("diff", "default", "look", terminal=True, code=1)
    assert run("diff", "look", code=1).json["differences"] == [
        {"where": "/plugins/acme-reports/settings/page", "from": 50, "to": 60}]


def test_what_people_see(run):
    run("create", "seen", "--description", "Frank\u2603furt", "--plugins", "listed", "--min-age", "36h",
        "--permissions", "none")
    run("pin", "seen", "hello-world", "~=1.0")
    run("settings", "seen", "hello-world", "evil=\x1b[31m\x07", "n=1")
    shown = run("show", "seen", terminal=True)
    assert "seen revision 3" in shown and "Frank\u2603furt" in shown and "\x1b" not in shown
    assert "only enabled plugins; no pre-releases; releases at least 36 hours old" in shown
    assert "permissions  none" in shown and "by policy  ~=1.0" in shown
    assert "seen revision 1 of 3" in run("show", "seen", "--revision", "1", terminal=True)
    history = run("history", "seen", terminal=True)
    assert "pinned hello-world to ~=1.0" in history and history.count("publisher") == 3
    listed = run("list", terminal=True)
    assert "default" in listed and "seen" in listed
    for width in (40, 60, 200):
        shown = run("show", "seen", terminal=True, columns=width)
        assert "seen revision 3" in shown
    assert "is still at revision 3" in run("pin", "seen", "hello-world", "~=1.0", terminal=True)
    assert "seen is at revision 4: unpinned hello-world" in run("unpin", "seen", "hello-world", terminal=True)


def test_what_is_not_there(run):
    for words in (("show", "nowhere"), ("history", "nowhere"), ("diff", "nowhere"), ("diff", "default", "nowhere"),
                  ("enable", "nowhere", "a"), ("set", "nowhere", "--description", "x"),
                  ("rollback", "default", "99"), ("show", "default", "--revision", "99")):
        assert run(*words, code=1).err.startswith("registryctl: ")
    done = run("enable", "default", "no-such", code=1)
    assert 'There is no package "no-such"' in done.err and "Publish the package first" in done.err
    assert "is not a valid name of an environment" in run("create", "Prod", code=3).err


def test_no_token(daemon):
    done = registryctl("environment", "create", "x", REGISTRYD_URL=daemon.url)
    assert done.code == 3 and "oken" in done.err
    assert registryctl("environment", "list", REGISTRYD_URL=daemon.url).code == 0


def test_an_exception_and_an_offer(daemon, run):
    publish(daemon, "young-crm", "1.0", "young")
    run("create", "young", "--min-age", "7d", "--plugins", "listed")
    run("offer", "young", "young-crm")
    for words, text in [((), "needs --code, --until and --reason"), (("--code", "too-new", "--until", "soon", "--reason", "x"), "Invalid --until"),
                        (("--code", "too-new", "--until", "7d"), "needs --code")]:
        assert text in run("allow", "young", "young-crm", *words, code=2).err
    assert "exception-refused" in run("allow", "young", "young-crm", "--code", "quarantined", "--until", "7d", "--reason", "x", code=3).err
    assert "exception-over" in run("allow", "young", "young-crm", "--code", "too-new", "--until", "2020-01-01", "--reason", "x", code=3).err
    run("allow", "young", "young-crm", "--code", "too-new", "--until", "7d", "--reason", "a fix")
    plugin = document(run, "young")["plugins"]["young-crm"]
    assert plugin["state"] == "allowed" and plugin["allow"]["too-new"]["reason"] == "a fix"
    assert plugin["allow"]["too-new"]["until"].endswith("Z")
    assert "Name the exception" in run("disallow", "young", "young-crm", code=2).err
    run("disallow", "young", "young-crm", "--code", "too-new")
    assert document(run, "young")["plugins"] == {"young-crm": {"state": "allowed"}}
    run("enable", "young", "young-crm", "--accept-unknown-permissions")
    assert document(run, "young")["plugins"] == {"young-crm": {"enabled": True, "accept_unknown_permissions": True}}
