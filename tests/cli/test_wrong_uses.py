# SPDX-License-Identifier: MIT
"""Wrong uses of registryctl by a person: what is typed, the exit code, and the first line of standard error. No registry is
there, so a use that is wrong in itself must be noticed before anything is sent."""

import shlex

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import SOURCE_DIR, in_pipe, on_terminal

USES = [
    ("frobnicate", 2,
     'Unknown command "registryctl frobnicate". "registryctl --help" lists the commands.'),
    ("publsh x", 2,
     'Unknown command "registryctl publsh". Did you mean "publish"?'),
    ("--verson", 2,
     'Unknown option "--verson". Did you mean "--version"?'),
    ("-x", 2,
     'Unknown option "-x". "registryctl --help" lists the options.'),
    ("--url", 2,
     "--url needs a value: --url URL"),
    ("--url=", 2,
     "--url needs a value: --url URL"),
    ("--format", 2,
     "--format needs a value: --format FORMAT"),
    ("groups --format xml", 2,
     'Unknown format "xml". Use "table", "json" or "lines".'),
    ("groups --format=", 2,
     "--format needs a value: --format FORMAT"),
    ("help nothing", 2,
     'Unknown command "registryctl nothing". "registryctl --help" lists the commands.'),
    ("help a b", 2,
     'Unexpected argument "b". Usage: registryctl help [COMMAND]'),
    ("environment", 2,
     "Missing argument. Usage: registryctl environment ACTION [NAME] [ARGUMENT...]"),
    ("environment lst", 2,
     'Unknown command "registryctl environment lst". Did you mean "list"?'),
    ("environment show", 2,
     "Missing argument. Usage: registryctl environment show NAME"),
    ("environment show a b", 2,
     'Unexpected argument "b". Usage: registryctl environment show NAME'),
    ("environment enable prod", 2,
     "Missing argument. Usage: registryctl environment enable NAME PACKAGE"),
    ("environment rollback prod latest", 2,
     'Invalid number "latest". Use a number.'),
    ("environment set prod --plugins some", 2,
     'Invalid --plugins "some". Use one of all|listed.'),
    ("environment set prod --prereleases maybe", 2,
     'Invalid --prereleases "maybe". Use one of yes|no.'),
    ("environment set prod --min-age soon", 2,
     'Invalid --min-age "soon". Use a time such as 7d, 12h, 30m or 45s, up to ten years.'),
    ("environment set prod --facts nowhere.json", 2,
     "nowhere.json: Cannot read the file of --facts: No such file or directory"),
    ("environment set prod --document nowhere.json", 2,
     "nowhere.json: Cannot read the file of --document: No such file or directory"),
    ("environment allow prod crm --code too-new", 2,
     'An exception needs --code, --until and --reason, e.g. --code too-new --until 7d --reason "Fixes an outage".'),
    ("environment archive prod", 2,
     "A reason is required. Add --reason TEXT."),
    ("environment settings prod crm novalue", 2,
     'Invalid setting "novalue". Use KEY=VALUE, or KEY= to remove a key.'),
    ("environment promote prod", 2,
     "Missing argument. Usage: registryctl environment promote FROM TO"),
    ("environment export prod --format pip", 2,
     'Unknown format "pip". Use one of table|json|lines|pylock|requirements.'),
    ("token create", 2,
     "Missing argument. Usage: registryctl token create NAME"),
    ("token create x", 2,
     'The token "x" would have no right. To publish: "registryctl token create x --grant". '
     'To administer: "registryctl token create x --kind admin".'),
    ("token create x --kind boss", 2,
     'Invalid --kind "boss". Use one of user|ci|admin.'),
    ("token create x --days 0", 2,
     'Invalid --days "0". Use a number from 1 to 365.'),
    ("token create x --days forever", 2,
     'Invalid --days "forever". Use a number from 1 to 365.'),
    ("token show abc", 2,
     'Invalid number "abc". Use a number.'),
    ("token revoke", 2,
     "Missing argument. Usage: registryctl token revoke NUMBER|TOKEN"),
    ("token list extra", 2,
     'Unexpected argument "extra". Usage: registryctl token list'),
    ("grant add crm", 2,
     "Missing argument. Usage: registryctl grant add TEAM SCOPE [OBJECT]"),
    ("grant add crm yank x --for ages", 2,
     'Invalid --for "ages". Use a length of time, for example 8h or 3d.'),
    ("grant add crm yank x --for 99d", 2,
     'Invalid --for "99d". Use at most 30d.'),
    ("reserve add", 2,
     "Missing argument. Usage: registryctl reserve add NAME"),
    ("owner crm", 2,
     "Missing argument. Usage: registryctl owner PACKAGE TEAM"),
    ("yank", 2,
     "Missing argument. Usage: registryctl yank PACKAGE==VERSION"),
    ("yank crm", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("yank crm==1.0", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("deprecate crm", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("quarantine crm", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("hold", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("hold crm", 2,
     "A reason is required. Add --reason TEXT; all users can read it."),
    ("hold crm --group g --reason x", 2,
     "Name either a package or, with --group, a group."),
    ("unhold", 2,
     "Name either a package or, with --group, a group."),
    ("group set", 2,
     "Missing argument. Usage: registryctl group set GROUP"),
    ("group set g --kind modul", 2,
     'Invalid --kind "modul". Did you mean "module"? Use one of any|module|callable|none.'),
    ("group set g --conflict never", 2,
     'Invalid --conflict "never". Use one of warn|all|error|first|priority|none.'),
    ("group set g --manifest-schema nowhere.json", 2,
     "nowhere.json: Cannot read the file of --manifest-schema: No such file or directory"),
    ("resolve", 2,
     "Missing argument. Usage: registryctl resolve GROUP..."),
    ("resolve g --python banana", 2,
     'Invalid --python "banana". Use a version, for example 3.11.'),
    ("resolve g --python 3.x", 2,
     'Invalid --python "3.x". Use a version, for example 3.11.'),
    ("resolve g --have honeyframe", 2,
     'Invalid --have "honeyframe". Use NAME==VERSION, e.g. honeyframe==4.2.0.'),
    ("resolve g --marker linux", 2,
     'Invalid --marker "linux". Use NAME=VALUE, e.g. sys_platform=linux.'),
    ("resolve g --explain=yes", 2,
     "--explain takes no value"),
    ("resolve g --limit many", 2,
     'Invalid --limit "many". Use a number from 1 on.'),
    ("walk", 2,
     "Missing argument. Usage: registryctl walk ROOT..."),
    ("walk nowhere", 2,
     "nowhere: The directory does not exist"),
    ("walk . --convention plugin-ymal", 2,
     "There is no convention \"plugin-ymal\"; known are auto, plugin-yaml, plugin-meta, mountaineer, dist-info, pyproject, microcoreos; a declaration's name ends in .yaml"),
    ("walk . --convention nowhere.yaml", 2,
     "nowhere.yaml: The declaration of the convention cannot be read: The file does not exist"),
    ("walk . --python 3.11", 2,
     'Unknown option "--python". "registryctl walk --help" lists the options.'),
    ("discover g", 2,
     'The mode "walk-first" walks directories. Add --root ROOT, or use --mode registry.'),
    ("discover g --mode fast", 2,
     'Invalid --mode "fast". Use one of walk-first|registry-first|registry|walk|compare.'),
    ("discover g --enforce never --root .", 2,
     'Invalid --enforce "never". Use one of strict|on|warn|off.'),
    ("compare g", 2,
     "Missing argument. Usage: registryctl compare GROUP ROOT..."),
    ("compare g nowhere", 2,
     "nowhere: The directory does not exist"),
    ("compare g . --for soon", 2,
     "--for needs --report."),
    ("compare g . --report --for soon", 2,
     'Invalid --for "soon". Use a time such as 7d, 12h, 30m or 45s, up to ten years.'),
    ("publish", 2,
     "Missing argument. Usage: registryctl publish PATH..."),
    ("publish nowhere", 2,
     "nowhere was not published"),
    ("publish nowhere.whl", 2,
     "nowhere.whl was not published"),
    ("publish . --version banana", 2,
     'Invalid --version "banana". Use a version, for example 1.2.0.'),
    ("sync g", 2,
     "Name the directory with --into DIR"),
    ("sync g --into x --keep few", 2,
     'Invalid --keep "few". Use a number.'),
    ("sync g --into x --layout flat", 2,
     'Invalid --layout "flat". Use one of auto|plugins|site.'),
    ("snapshot pul", 2,
     'Unknown command "registryctl snapshot pul". Did you mean "pull"?'),
    ("snapshot build x", 2,
     "Missing argument. Usage: registryctl snapshot build FILE ROOT..."),
    ("snapshot verify nowhere.snapshot", 1,
     "nowhere.snapshot: The snapshot cannot be opened: No such file or directory"),
    ("snapshot show nowhere.snapshot", 1,
     "nowhere.snapshot: The snapshot cannot be opened: No such file or directory"),
    ("snapshot pull --snapshot-key banana", 2,
     "A snapshot key is 64 hexadecimal digits, as `registryctl snapshot key` prints them; see --snapshot-key and REGISTRYD_SNAPSHOT_KEY"),
    ("search --limit 0", 2,
     'Invalid --limit "0". Use a number from 1 to 1000.'),
    ("search --limit 5000", 2,
     'Invalid --limit "5000". Use a number from 1 to 1000.'),
    ("search --status gone", 2,
     'Invalid --status "gone". Use one of active|deprecated|archived|quarantined.'),
    ("show", 2,
     "Missing argument. Usage: registryctl show PACKAGE[==VERSION]"),
    ("show ==1", 2,
     'Invalid name "==1". Use PACKAGE or PACKAGE==VERSION.'),
    ("show a b c", 2,
     'Unexpected argument "c". Usage: registryctl show PACKAGE[==VERSION]'),
    ("requirements", 2,
     "Missing argument. Usage: registryctl requirements GROUP..."),
    ("entry-points", 2,
     "Missing argument. Usage: registryctl entry-points ROOT..."),
    ("entry-points nowhere", 2,
     "nowhere: The directory does not exist"),
    ("audit --after last", 2,
     'Invalid --after "last". Use a number.'),
    ("audit --verify --head", 2,
     "--head needs a value: --head FILE"),
    ("groups extra", 2,
     'Unexpected argument "extra". Usage: registryctl groups'),
    ("groups --timeout soon", 2,
     'Invalid --timeout "soon". Use a number of seconds up to 3600.'),
    ("groups --timeout 0", 2,
     'Invalid --timeout "0". Use a number of seconds up to 3600.'),
    ("groups --url registry", 2,
     '"registry" is not the address of a registry; it should look like http://127.0.0.1:7621 (see --url and REGISTRYD_URL)'),
    ("groups --url ftp://registry", 2,
     '"ftp://registry" is not the address of a registry; it should look like http://127.0.0.1:7621 (see --url and REGISTRYD_URL)'),
    ("groups --url http://me:pw@registry", 2,
     "The registry's address must not hold a user or a password; give the token with --token or REGISTRYD_TOKEN"),
    ("groups --url 'http://127.0.0.1/?a=b'", 2,
     "The registry's address \"http://127.0.0.1/?a=b\" must end before any \"?\" or \"#\""),
    ("groups --url http://127.0.0.1:99999", 2,
     '"http://127.0.0.1:99999" is not the address of a registry; it should look like http://127.0.0.1:7621 (see --url and REGISTRYD_URL)'),
    ("groups --token 'two words'", 2,
     "The token holds white space or a character outside ASCII; see --token and REGISTRYD_TOKEN"),
    ("groups --ca-file nowhere.pem", 2,
     "nowhere.pem: Cannot read the file of the certificate authorities: No such file or directory. Check --ca-file or REGISTRYD_CA_FILE."),
    ("groups --client-cert nowhere.pem", 2,
     "nowhere.pem: Cannot read the file of the client certificate: No such file or directory. Check --client-cert or REGISTRYD_CLIENT_CERT."),
    ("groups --profile work", 2,
     '/nonexistent/registryd/config.yaml: There is no configuration file, so there is no profile "work"'),
    ("groups --proxy nonsense://x", 2,
     "The address of the proxy must begin with http://, https:// or socks5h://; see --proxy and REGISTRYD_PROXY"),
    ("groups --help=yes", 2,
     "--help takes no value"),
    ("groups --quiet=1", 2,
     "--quiet takes no value"),
    ("login ftp://x", 2,
     '"ftp://x" is not the address of a registry; it should look like http://127.0.0.1:7621 (see --url and REGISTRYD_URL)'),
    ("login", 2,
     "No token was given. Type it, or pipe it: registryctl login < FILE"),
    ("completion tcsh", 2,
     'Unknown shell "tcsh". Use one of bash|zsh|fish.'),
    ("completion", 2,
     "Missing argument. Usage: registryctl completion SHELL"),
    ("import", 2,
     "Name a folder, or another index with --from-index URL"),
    ("export", 2,
     "Missing argument. Usage: registryctl export DIR"),
]


@pytest.mark.parametrize("words, code, line", USES, ids=[row[0] for row in USES])
def test_a_wrong_use(tmp_path, words, code, line):
    done = in_pipe(*shlex.split(words), cwd=tmp_path)
    assert (done.code, done.err.split("\n")[0]) == (code, f"registryctl: {line}")
    assert done.out == "" or words.startswith("publish")


def test_there_are_sixty_of_them():
    assert len({row[0] for row in USES}) >= 60


@pytest.mark.parametrize("words, line", [
    ("show cmr", 'Did you mean "crm"?'), ("yank cmr==1.0 --reason x", 'Did you mean "crm"?'),
    ("group show acme.plugin", 'Did you mean "acme.plugins"?'), ("environment show prodution", 'Did you mean "production"?'),
    ("environment enable production cmr", 'Did you mean "crm"?'), ("owner cmr team", 'Did you mean "crm"?'),
    ("environment diff prodution production", 'Did you mean "production"?'), ("show frobnicate", None),
    ("show crm 9.9", None), ("show cmr --quiet", None)])
def test_a_name_that_the_registry_does_not_have(words, line):
    with FakeRegistry() as registry:  # every other address is not found
        registry.answer("GET", "/v1/packages", {"packages": [{"name": "crm"}, {"name": "erp"}], "next": None})
        registry.answer("GET", "/v1/groups", {"groups": [{"name": "acme.plugins"}], "next": None})
        registry.answer("GET", "/v1/environments", {"environments": [{"name": "production"}], "next": None})
        done = in_pipe(*shlex.split(words), REGISTRYD_URL=registry.url)
    hints = [text for text in done.err.splitlines() if "Did you mean" in text]
    assert done.code == 1 and hints == ([f"registryctl: {line}"] if line else []), done.err


# ---- terminals ----

RECORDS = {"records": [
    {"group": "acme.plugins", "name": f"a-rather-long-plugin-name-{i}", "value": f"acme.plugins.module_{i}:manifest", "package": f"acme-plugin-{i}",
     "version": "1.0.0", "source": "registry", "origin": f"/v1/packages/acme-plugin-{i}/releases/1.0.0"} for i in range(3)]}


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        running.answer("GET", "/v1/resolve", RECORDS)
        running.answer("GET", "/v1/packages", {"packages": [
            {"name": f"acme-plugin-{i}", "latest_version": "1.0.0", "status": "deprecated", "summary": "words " * 20} for i in range(3)],
            "next": None, "total": 3, "corrected": None})
        yield running


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("words, state", [("resolve acme.plugins", "ok"), ("search", "deprecated")])
def test_no_line_is_wider_than_the_terminal(registry, words, state, columns):
    shown = on_terminal(*words.split(), columns=columns, NO_COLOR="1", REGISTRYD_URL=registry.url).out
    assert max(map(len, shown.splitlines())) <= columns
    assert sum(state in line.split() for line in shown.splitlines()) == 3


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_state_word_of_a_walk_is_broken(columns):
    examples = SOURCE_DIR / "docs" / "examples"
    shown = on_terminal("walk", f"install={examples}/install/plugins", f"data={examples}/data/plugins", columns=columns, NO_COLOR="1").out
    rows = [line for line in shown.split("\n\n")[0].splitlines() if line.startswith("  ")]
    assert len(rows) == 7 and max(map(len, rows)) <= columns
    assert rows[0].endswith("STATE") and {row.split()[-1] for row in rows[1:]} <= {"ok", "shadowed", "error", "errors", "warning", "broken"}


@pytest.mark.parametrize("settings, has_colour", [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)])
def test_colour(registry, settings, has_colour):
    assert ("\x1b[" in on_terminal("resolve", "acme.plugins", REGISTRYD_URL=registry.url, **settings).out) == has_colour


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_a_locale_without_utf8(registry, locale):
    shown = on_terminal("search", columns=60, LC_ALL=locale, LANG=locale, NO_COLOR="1", REGISTRYD_URL=registry.url).out
    assert shown.isascii() and max(map(len, shown.splitlines())) <= 60
    assert shown.count("~") == 3
    wide = on_terminal("search", columns=60, LC_ALL="C.UTF-8", NO_COLOR="1", REGISTRYD_URL=registry.url).out
    assert "\u2026" in wide
