# SPDX-License-Identifier: MIT
"""registryctl doctor and status: each link of the way from the configuration file to the token, whole and broken."""

import json
import socket
from email.utils import formatdate

import pytest
from support.daemon import Daemon
from support.fake_registry import FakeRegistry
from support.registryctl import in_pipe, on_terminal


@pytest.fixture(scope="module")
def daemon():
    with Daemon(arguments=["--publishes-per-minute", "60"]) as running:
        yield running


@pytest.fixture
def host(daemon, tmp_path):
    """The settings of a host on which all is well."""
    (tmp_path / "config" / "registryd").mkdir(parents=True)
    settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token, "REGISTRYD_CACHE_DIR": str(tmp_path / "cache"),
                "XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert in_pipe("snapshot", "pull", **settings).code == 0
    return settings


def diagnose(settings, *arguments, code):
    done = in_pipe("doctor", "--format", "json", *arguments, **settings)
    assert done.code == code, (done.out, done.err)
    assert "plg_" not in done.out
    return {row["check"]: row for row in json.loads(done.out) if row["check"] != "setting"}


def test_all_is_well(host):
    checks = diagnose(host, code=0)
    assert {row["state"] for row in checks.values()} == {"ok"} and not any(row["hint"] for row in checks.values())
    assert list(checks) == ["configuration", "tokens", "name", "registry", "clock", "token", "environment", "snapshot"]


def test_values_and_their_sources(host, tmp_path):
    file = tmp_path / "config" / "registryd" / "config.yaml"
    file.write_text("timeout: 20\nurl: http://127.0.0.1:9\nproxy: http://me:secret@proxy.invalid:1\n")
    done = in_pipe("doctor", "--environment", "default", "--format", "lines", **{**host, "REGISTRYD_PROXY": ""})
    rows = [line.split("\t")[2] for line in done.out.splitlines() if line.startswith("ok\tsetting")]
    assert f"url: {host['REGISTRYD_URL']} (REGISTRYD_URL)" in rows
    assert "environment: default (option --environment)" in rows
    assert f"timeout: 20 ({file}:1)" in rows and "mode: walk-first (default)" in rows
    assert f"proxy: …@proxy.invalid:1 ({file}:3)" in rows and "secret" not in done.out


@pytest.mark.parametrize("variables, check, state, message, hint", [
    ({"REGISTRYD_URL": "http://127.0.0.1:9"}, "registry", "error", "No server answers at", "Check that registryd is running"),
    ({"REGISTRYD_URL": "http://registry.invalid"}, "name", "error", "registry.invalid cannot be resolved", "Check the address"),
    ({"REGISTRYD_URL": "ftp://x"}, "connection", "error", "is not the address of a registry", "Correct the setting"),
    ({"REGISTRYD_TOKEN": "plx_0"}, "token", "error", "The token is not valid", "Create a new token"),
    ({"REGISTRYD_ENVIRONMENT": "defualt"}, "environment", "error", 'no environment "defualt"', 'Did you mean "default"?'),
    ({"REGISTRYD_ENVIROMENT": "x"}, "variable", "warning", "REGISTRYD_ENVIROMENT is set", "Rename it to REGISTRYD_ENVIRONMENT"),
    ({"REGISTRYD_MODE": "quick"}, "mode", "error", 'REGISTRYD_MODE is "quick"', "Use one of walk-first|"),
    ({"REGISTRYD_ENFORCE": "never"}, "enforce", "error", 'REGISTRYD_ENFORCE is "never"', "Use one of strict|"),
    ({"REGISTRYD_ENFORCE": "off"}, "enforce", "warning", "REGISTRYD_ENFORCE is off", "Unset it"),
    ({"REGISTRYD_DISABLE": "1"}, "mode", "warning", "REGISTRYD_DISABLE is set", "Unset it"),
    ({"REGISTRYD_CA_FILE": "/nowhere.pem"}, "connection", "error", "/nowhere.pem: Cannot read the file", "Correct the setting"),
    ({"REGISTRYD_SNAPSHOT": "/nowhere.snapshot"}, "snapshot", "error", "/nowhere.snapshot", "Remove the file"),
    ({"REGISTRYD_CACHE_DIR": "/nowhere"}, "snapshot", "warning", "No snapshot", "registryctl snapshot pull"),
])
def test_what_is_broken_is_named_with_a_remedy(host, variables, check, state, message, hint):
    row = diagnose({**host, **variables}, code=1 if state == "error" else 0)[check]
    assert row["state"] == state and message in row["message"] and hint in row["hint"]


def test_files_that_others_can_touch(host, tmp_path):
    folder = tmp_path / "config" / "registryd"
    (folder / "config.yaml").write_text("timeout: 5\n")
    (folder / "config.yaml").chmod(0o666)
    (folder / "credentials.json").write_text('{"registries": []}')
    (folder / "credentials.json").chmod(0o644)
    checks = diagnose(host, code=1)
    assert "Other users may write" in checks["configuration"]["message"] and "chmod 600" in checks["tokens"]["hint"]
    (tmp_path / "cache").chmod(0o777)
    assert "Other users may write" in diagnose(host, code=1)["snapshot"]["message"]


def test_a_configuration_file_that_is_wrong(host, tmp_path):
    file = tmp_path / "config" / "registryd" / "config.yaml"
    file.write_text("timeout: 5\nulr: x\n")
    row = diagnose(host, code=1)["configuration"]
    assert row["message"] == f'{file}:2: Unknown key "ulr". Did you mean "url"?'
    assert diagnose(host, "--profile", "work", code=1)["registry"]["state"] == "ok"


def test_a_clock_that_is_wrong_and_a_registry_that_is_not_ready(host):
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1", {"name": "registryd", "version": "9", "epoch": "e", "serial": 1, "reading": "closed"},
                        headers={"Date": formatdate(1000, usegmt=True)})
        registry.answer("GET", "/readyz", {"ready": False, "reasons": ["The daemon is starting"]}, 503)
        checks = diagnose({**host, "REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": ""}, code=1)
        status = in_pipe("status", REGISTRYD_URL=registry.url)
    assert checks["clock"]["state"] == "error" and "NTP" in checks["clock"]["hint"]
    assert checks["ready"]["message"] == "The registry is not ready: The daemon is starting"
    assert checks["token"]["state"] == "error" and "registryctl login" in checks["token"]["hint"]
    assert status.code == 1 and "not ready" in status.out and "The daemon is starting" in status.out


def test_a_server_that_is_no_registry(host):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        row = diagnose({**host, "REGISTRYD_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}, "--timeout", "0.3", code=1)["registry"]
    assert "did not answer within 300 ms" in row["message"]


def test_no_state_word_is_broken_on_a_narrow_terminal(host):
    shown = on_terminal("doctor", columns=60, NO_COLOR="1", **{**host, "REGISTRYD_ENVIRONMENT": "defualt"}).out
    assert "\x1b" not in shown
    words = [line.split()[0] for line in shown.splitlines() if line[:1].strip()]
    assert set(words) == {"ok", "warning", "error", "1"} or set(words) == {"ok", "error", "1"}
    assert max(map(len, (line for line in shown.splitlines() if "/" not in line))) <= 60


def test_status(host, daemon):
    document = json.loads(in_pipe("status", "--format", "json", **host).out)
    assert document["readiness"]["ready"] and document["service"]["limits"]["publishes_per_minute"] == 60
    assert {"scope": "yank", "object": "*"} in document["token"]["may"] and "token" not in document["token"]
    shown = in_pipe("status", **host).out
    for line in (f"{daemon.url}  ready", "reading           open", "publishes         60 a minute with one token", "publisher/publisher from REGISTRYD_TOKEN"):
        assert line in shown
    assert in_pipe("status", **{**host, "REGISTRYD_TOKEN": ""}).out.rstrip().endswith('none; "registryctl login" keeps one')
