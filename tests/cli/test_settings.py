# SPDX-License-Identifier: MIT
"""The configuration file with its profiles, and login, logout and whoami: which value counts, and where a token goes."""

import json
import os
import pty
import stat
import subprocess

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import NOWHERE, PROGRAM, SOURCE_DIR, environment, in_pipe

TOKEN = "plg_0123456789abcdefghij"
SELF = {"id": 7, "name": "laptop", "team": "crm", "kind": "user", "state": "active", "scopes": ["read"], "prefix": None,
        "created_at": "2026-01-31T12:00:00.000Z", "created_by": "admin", "expires_at": "2026-05-01T12:00:00.000Z",
        "last_used_at": None, "revoked_at": None, "revoked_by": None, "revoked_reason": None, "grants": [],
        "may": [{"scope": "read", "object": "*"}, {"scope": "yank", "object": "crm"}, {"scope": "yank", "object": None}]}


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "config" / "registryd"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/token", SELF)
        running.answer("GET", "/v1/groups", {"groups": [], "next": None})
        yield running


def configure(home, text):
    (home / "config.yaml").write_text(text)


def run(home, *arguments, text=None, **settings):
    settings = {"REGISTRYD_URL": "", **settings, "XDG_CONFIG_HOME": str(home.parent)}
    return subprocess.run([PROGRAM, *map(str, arguments)], env=environment(**settings), input=text, text=True,
                          stdin=None if text is not None else subprocess.DEVNULL, capture_output=True, timeout=60, check=False)


def sent_tokens(registry):
    return [request.headers["Authorization"] for request in registry.requests]


# ---- the file ----


@pytest.mark.parametrize("text, says", [
    ("ulr: http://x\n", '1: Unknown key "ulr". Did you mean "url"?'),
    ("profiles:\n  work:\n    url: http://x\n    enviroment: prod\n", '4: Unknown key "enviroment". Did you mean "environment"?'),
    ("frobnicate: 1\n", '1: Unknown key "frobnicate". See registryctl(1) for the keys.'),
    ("\ntoken: plg_x\n", '2: A token does not belong into this file. Use "registryctl login", or the key "token-command".'),
    ("format: xml\n", '1: Unknown format "xml". Use one of table|json|lines.'),
    ("mode: fast\n", '1: Unknown mode "fast". Use one of walk-first|registry-first|registry|walk|compare.'),
    ("strict: maybe\n", '1: "strict" must be true or false'),
    ("url: [a]\n", '1: "url" must be a text, not a list'),
    ('url: ""\n', '1: "url" must be a text, not an empty one'),
    ("root: [1]\n", '1: "root" must be PATH, LABEL=PATH or a list of them'),
    ("profiles: 3\n", '1: "profiles" must be a table, not a number'),
    ("profiles:\n  a: 3\n", "2: A profile must be a table, not a number"),
    ("- url\n", "1: The configuration must be a table, not a list"),
    ("profile: wrok\nprofiles:\n  work: {url: http://x}\n", ' The file has no profile "wrok". Did you mean "work"?'),
    ("url: http://x\nurl: http://y\n", "2: "),
    ("url: {\n", ": "),
])
def test_what_is_wrong_in_the_file_is_said_with_its_line(home, text, says):
    configure(home, text)
    done = run(home, "groups")
    place = f"registryctl: {home}/config.yaml:"
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(place) and says in done.stderr[len(place):], done.stderr
    assert run(home, "--help").returncode == 0 and run(home, "walk", "--help").returncode == 0


def test_an_option_is_stronger_than_a_variable_than_a_profile_than_the_top(home, registry):
    configure(home, f"url: {registry.url}/top\nprofiles:\n  work:\n    url: {registry.url}/office\n")

    def asked(*arguments, **settings):
        registry.requests.clear()
        run(home, "groups", *arguments, **settings)
        return registry.requests[0].path

    assert asked() == "/top/v1/groups"
    assert asked("--profile", "work") == asked(REGISTRYD_PROFILE="work") == "/office/v1/groups"
    assert asked("--profile", "work", REGISTRYD_URL=f"{registry.url}/var") == "/var/v1/groups"
    assert asked("--profile", "work", "--url", f"{registry.url}/opt", REGISTRYD_URL=NOWHERE) == "/opt/v1/groups"


def test_a_profile_keeps_the_keys_of_the_top(home, registry):
    configure(home, f"environment: prod\nprofile: work\nprofiles:\n  work:\n    url: {registry.url}\n  other: {{environment: lab}}\n")
    run(home, "resolve", "g")
    assert registry.requests[0].query["environment"] == ["prod"]


def test_no_file_and_a_profile_that_is_asked_for(home):
    done = run(home, "--profile", "work", "groups")
    assert done.returncode == 2 and "There is no configuration file, so there is no profile \"work\"" in done.stderr


@pytest.mark.parametrize("format, first", [("json", "["), ("lines", "honeyframe.plugins\t"), ("table", "honeyframe.plugins  ")])
def test_the_usual_format(home, format, first):
    configure(home, f"format: {format}\n")
    tree = SOURCE_DIR / "tests" / "trees" / "good" / "install"
    assert run(home, "walk", tree).stdout.startswith(first)
    assert run(home, "walk", tree, "--format", "json").stdout.startswith("[")
    assert run(home, "help", "walk").returncode == 0  # it has no lines


def test_roots_of_the_profile(home):
    tree = SOURCE_DIR / "tests" / "trees" / "good" / "install"
    configure(home, f"mode: walk\nroot:\n  - install={tree}\n")
    done = run(home, "discover", "honeyframe.plugins", "--format", "lines")
    assert [line.split("\t")[6] for line in done.stdout.splitlines()] == ["install", "install"]
    (home / "config.yaml").write_text(f"mode: walk\nroot: {tree}\n")
    assert run(home, "discover", "honeyframe.plugins", "--format", "lines").stdout.count("\n") == 2


def test_files_are_beside_the_configuration(home):
    configure(home, "ca-file: internal-ca.pem\n")
    done = run(home, "groups")
    assert done.returncode == 2
    assert done.stderr == (f"registryctl: {home}/internal-ca.pem: Cannot read the file of the certificate authorities: No such file or "
                           "directory. Check --ca-file or REGISTRYD_CA_FILE.\n")
    configure(home, "ca-file: ~/ca.pem\n")
    assert "/somewhere/ca.pem: " in run(home, "groups", HOME="/somewhere").stderr


# ---- login, logout, whoami ----


def kept(home):
    path = home / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return json.loads(path.read_text())["registries"]


def test_login_keeps_a_token_that_only_its_owner_can_read(home, registry):
    os.umask(0)
    try:
        done = run(home, "login", registry.url, text=f"{TOKEN}\n")
    finally:
        os.umask(0o022)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"Logged in to {registry.url} as crm/laptop"
    assert TOKEN not in done.stdout + done.stderr
    assert kept(home) == [{"url": registry.url, "token": TOKEN}]
    assert sent_tokens(registry) == [f"Bearer {TOKEN}"]
    run(home, "groups", REGISTRYD_URL=f"{registry.url.upper().replace('HTTP', 'http')}/")
    assert sent_tokens(registry)[-1] == f"Bearer {TOKEN}"


def test_a_kept_token_goes_to_its_address_alone(home, registry):
    run(home, "login", registry.url, text=TOKEN)
    with FakeRegistry() as other:
        other.answer("GET", "/v1/groups", {"groups": [], "next": None})
        run(home, "groups", REGISTRYD_URL=other.url)
        run(home, "groups", REGISTRYD_URL=f"{registry.url}/beside")
        assert sent_tokens(other) == [None] and sent_tokens(registry)[1:] == [None]


def test_what_is_given_is_stronger_than_what_is_kept(home, registry):
    run(home, "login", registry.url, text=TOKEN)
    run(home, "groups", "--token", "plg_option", REGISTRYD_URL=registry.url)
    run(home, "groups", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="plg_variable")
    run(home, "groups", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN_COMMAND="echo plg_command; echo more")
    assert sent_tokens(registry)[1:] == ["Bearer plg_option", "Bearer plg_variable", "Bearer plg_command"]


def test_a_refused_token_is_not_kept(home, registry):
    with FakeRegistry() as other:
        other.answer("GET", "/v1/token", {"code": "unauthorized", "detail": "No."}, status=401)
        done = run(home, "login", other.url, text=TOKEN)
    assert done.returncode == 3 and not (home / "credentials.json").exists() and TOKEN not in done.stderr
    assert run(home, "login", registry.url, text="").returncode == 2
    assert "white space" in run(home, "login", registry.url, text="two words\n").stderr


def test_a_token_is_typed_without_echo(home, registry):
    master, slave = pty.openpty()
    process = subprocess.Popen([PROGRAM, "login", registry.url], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               env=environment(XDG_CONFIG_HOME=str(home.parent)))
    shown = b""
    while b"Token for" not in shown or not shown.endswith(b": "):
        shown += os.read(master, 1024)
    os.write(master, f"{TOKEN}\n".encode())
    os.close(slave)
    try:
        while piece := os.read(master, 1024):
            shown += piece
    except OSError:
        pass
    os.close(master)
    assert process.wait(30) == 0 and TOKEN.encode() not in shown and b"Logged in" in shown
    assert kept(home)[0]["token"] == TOKEN


def test_a_command_is_kept_instead_of_the_token(home, registry):
    done = run(home, "login", registry.url, "--command", f"echo {TOKEN}")
    assert done.returncode == 0 and kept(home) == [{"url": registry.url, "command": f"echo {TOKEN}"}]
    run(home, "groups", REGISTRYD_URL=registry.url)
    assert sent_tokens(registry)[-1] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("command, says", [
    ("exit 3", "The token command failed with exit code 3: exit 3"), ("true", "The token command printed nothing: true")])
def test_a_command_that_gives_no_token(home, registry, command, says):
    configure(home, f"url: {registry.url}\ntoken-command: {command}\n")
    done = run(home, "groups")
    assert (done.returncode, done.stderr) == (2, f"registryctl: {says}\n") and not registry.requests


def test_the_command_of_a_profile_is_for_its_registry(home, registry):
    configure(home, f"profile: work\nprofiles:\n  work:\n    url: {registry.url}\n    token-command: echo {TOKEN}\n")
    run(home, "groups")
    assert sent_tokens(registry) == [f"Bearer {TOKEN}"]
    with FakeRegistry() as other:
        other.answer("GET", "/v1/groups", {"groups": [], "next": None})
        run(home, "groups", "--url", other.url)
        run(home, "groups", REGISTRYD_URL=other.url)
        assert sent_tokens(other) == [None, None]


def test_files_that_others_can_touch_are_not_used(home, registry):
    configure(home, f"url: {registry.url}\ntoken-command: echo {TOKEN}\n")
    (home / "config.yaml").chmod(0o666)
    done = run(home, "groups")
    assert done.returncode == 3 and 'its token-command is not run. Run "chmod go-w" on it.' in done.stderr
    configure(home, "")
    run(home, "login", registry.url, text=TOKEN)
    (home / "credentials.json").chmod(0o640)
    done = run(home, "groups", REGISTRYD_URL=registry.url)
    assert done.returncode == 3 and 'Run "chmod 600" on it' in done.stderr and TOKEN not in done.stderr


def test_a_damaged_file_of_tokens(home, registry):
    (home / "credentials.json").write_text('{"registries": 3')
    (home / "credentials.json").chmod(0o600)
    done = run(home, "groups", REGISTRYD_URL=registry.url)
    assert done.returncode == 3 and "The file of the tokens is damaged" in done.stderr


def test_logout(home, registry):
    run(home, "login", registry.url, text=TOKEN)
    registry.answer("POST", "/v1/tokens/revoke-leaked", {"revoked": True})
    done = run(home, "logout", registry.url, "--revoke")
    assert (done.returncode, done.stdout) == (0, f"Logged out of {registry.url} and revoked the token\n")
    assert json.loads(registry.requests[-1].body) == {"token": TOKEN} and kept(home) == []
    done = run(home, "logout", registry.url)
    assert (done.returncode, done.stdout) == (1, f"No token is kept for {registry.url}\n")
    assert run(home, "logout", registry.url, "--quiet").stdout == ""


def test_whoami(home, registry):
    done = run(home, "whoami", REGISTRYD_URL=registry.url)
    assert done.returncode == 1 and done.stdout.startswith(f"No token is set for {registry.url}\n") and not registry.requests
    done = run(home, "whoami", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=TOKEN)
    assert done.returncode == 0 and TOKEN not in done.stdout
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["crm/laptop", "user", "token", "7", "at", registry.url],
        ["from", "REGISTRYD_TOKEN,", "valid", "until", "2026-05-01T12:00:00.000Z"], [],
        ["MAY", "ON"], ["read", "everything"], ["yank", "crm,", "what", "its", "team", "owns"]]
    lines = run(home, "whoami", "--format", "lines", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=TOKEN).stdout
    assert lines == "crm\tlaptop\tread\t*\ncrm\tlaptop\tyank\tcrm\ncrm\tlaptop\tyank\t\n"


def test_no_home_at_all(registry):
    settings = {name: "" for name in ("HOME", "XDG_CONFIG_HOME")}
    assert in_pipe("groups", REGISTRYD_URL=registry.url, **settings).code == 0
    done = in_pipe("login", registry.url, "--token", TOKEN, **settings)
    assert done.code == 2 and "There is no home folder to keep a token in" in done.err
