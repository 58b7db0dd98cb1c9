# SPDX-License-Identifier: MIT
"""What people read on a terminal: lists that fit, reasons that are whole, and commands that work when they
are copied."""

import subprocess

import pytest

from support import artifacts
from support.daemon import Daemon
from support.registryctl import on_terminal, registryctl

GROUP = "people.plugins"


@pytest.fixture(scope="module")
def daemon():
    with Daemon() as running:
        yield running


@pytest.fixture(scope="module")
def administrator(daemon):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_tokens_are_listed_at_any_width(administrator, columns):
    shown = on_terminal("token", "list", columns=columns, NO_COLOR="1", **administrator)
    assert shown.code == 0 and "admin" in shown.out, shown.out
    assert max(map(len, shown.out.splitlines())) <= columns
    assert ("LAST USED" in shown.out) == (columns > 60), shown.out


def test_a_life_of_no_days_is_refused(administrator):
    refused = registryctl("token", "create", "x", "--days", "0", **administrator)
    assert refused.code == 2 and 'Invalid --days "0". Use a number from 1 to 365.' in refused.err


def test_who_has_no_token_learns_how_to_get_in(administrator):
    refused = registryctl("token", "list", **{**administrator, "REGISTRYD_TOKEN": ""})
    assert refused.code == 3
    assert refused.err.splitlines()[-1] == 'registryctl: Set REGISTRYD_TOKEN, or run "registryctl login"'


def test_a_mistake_in_a_schema_is_named_by_its_file(administrator, tmp_path):
    schema = tmp_path / "settings.json"
    schema.write_text('{"properties": {"a": {"type": "nonsense"}}}')
    refused = registryctl("group", "set", "seen.schema", "--settings-schema", schema, **administrator)
    assert refused.code == 3
    assert refused.err.startswith(f"registryctl: {schema}: /properties/a/type: A type is ")


def test_an_administrator_has_no_scopes(administrator):
    assert registryctl("token", "show", **administrator).json["scopes"] == []


def test_the_audit_says_what_was_granted(administrator):
    registryctl("grant", "add", "crm", "publish:new", "crm", **administrator)
    shown = on_terminal("audit", columns=120, **administrator).out
    (line,) = [line for line in shown.splitlines() if "grant-add" in line]
    assert "scope=publish:new" in line and "object=crm" in line


def test_reasons_are_whole_on_a_narrow_terminal(daemon, administrator):
    daemon.put("/v1/packages/narrow/releases/1.0", {
        "name": "narrow", "version": "1.0", "requires_dist": ["a-host-of-a-long-name>=99.1,<100"],
        "entry_points": {GROUP: {"narrow": "narrow:plugin"}}})
    asked = ["resolve", GROUP, "--have", "a-host-of-a-long-name==4.2.0", "--explain"]
    for columns in (60, 80, 200):
        shown = " ".join(on_terminal(*asked, columns=columns, **administrator).out.split())
        assert "a-host-of-a-long-name<100,>=99.1, but the host has a-host-of-a-long-name 4.2.0" in shown
        assert "…" not in shown


def test_pip_installs_from_the_page_of_a_release(daemon, administrator, tmp_path):
    filename, data = artifacts.wheel("paged", "1.0")
    wheel = tmp_path / filename
    wheel.write_bytes(data)
    sent = registryctl("publish", wheel, **administrator | {"REGISTRYD_TOKEN": daemon.publisher_token})
    assert sent.code == 0, sent.err
    assert wheel.name in on_terminal("show", "paged==1.0", **administrator).out
    page = f"{daemon.url}/packages/paged/releases/1.0"
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "pip", "download", "-q", "--no-index", "--no-deps", "-d", str(tmp_path / "got"), "-f", page, "paged==1.0"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "got" / wheel.name).read_bytes() == data
