# SPDX-License-Identifier: MIT
"""--format table, json and lines: what a pipe gets, and what scripts may count on."""

import re

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import SOURCE_DIR, in_pipe, on_terminal, registryctl

TREES = SOURCE_DIR / "tests" / "trees"
GOOD = TREES / "good" / "install"


def rows(done):
    assert done.code == 0, done.err
    return [line.split("\t") for line in done.out.splitlines()]


def test_a_pipe_gets_the_table_of_a_terminal_without_its_colours():
    piped = in_pipe("walk", GOOD, TERM="xterm-256color")
    assert piped.out == registryctl("--format", "table", "walk", GOOD).out
    assert "NAME" in piped.out and "\x1b" not in piped.out
    assert re.sub(r"\x1b\[\d*m", "", on_terminal("walk", GOOD, columns=300).out) == piped.out


def test_a_pipe_has_no_width():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/packages", {"packages": [
            {"name": "crm", "latest_version": "1.0", "status": "active", "summary": "word " * 200}],
            "next": None, "total": 1, "corrected": None})
        done = in_pipe("search", REGISTRYD_URL=registry.url)
    assert done.code == 0 and ("word " * 200).strip() in done.out


def test_lines_of_records():
    found = rows(in_pipe("--format", "lines", "walk", f"install={GOOD}"))
    assert found == [
        ["honeyframe.plugins", name, f"plugins.{name}:manifest", name, version, "walk", "install", f"{GOOD}/{name}",
         "", "", "", ""] for name, version in (("crm", "0.1.0"), ("finance", "2.0.0"))]


def test_the_codes_of_findings_are_fields():
    root = TREES / "bad_version" / "install"
    found = rows(in_pipe("walk", root, "--format=lines"))
    codes = [[error["code"] for error in record["errors"]] for record in registryctl("walk", root).json]
    assert [row[10] for row in found] == [",".join(errors) for errors in codes]
    assert any(codes)


def test_nothing_in_a_field_ends_it():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/packages", {"packages": [
            {"name": "crm", "latest_version": None, "status": "active", "summary": "a\tb\nc\x1b[2J\u202e"}],
            "next": None, "total": 1, "corrected": None})
        done = in_pipe("search", "--format", "lines", REGISTRYD_URL=registry.url)
    assert done.out == "crm\t\tactive\ta\\tb\\nc\\x1b[2J\\u202e\n"


def test_lines_of_differences_name_their_list():
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [
            {"group": "honeyframe.plugins", "name": "crm", "value": "other:manifest", "package": "crm", "version": "9",
             "source": "registry"}]})
        done = in_pipe("compare", "honeyframe.plugins", GOOD, "--format", "lines", REGISTRYD_URL=registry.url)
    assert done.code == 1, done.err
    assert [line.split("\t") for line in done.out.splitlines()] == [
        ["only_walk", "honeyframe.plugins", "finance", "finance", "2.0.0", "", "plugins.finance:manifest", ""],
        *[[difference, "honeyframe.plugins", "crm", "crm", "0.1.0", "9", "plugins.crm:manifest", "other:manifest"]
          for difference in ("value", "version")]]


def test_an_empty_answer_has_no_line(tmp_path):
    assert in_pipe("walk", tmp_path, "--format", "lines").out == ""


@pytest.mark.parametrize("command", [["environment", "facts"], ["help"], ["environment", "settings", "e", "p"]])
def test_a_command_without_records_has_no_lines(command):
    done = in_pipe(*command, "--format", "lines")
    assert (done.code, done.out) == (2, "")
    assert done.err == "registryctl: This command has no lines. Use --format table or --format json.\n"


@pytest.mark.parametrize("command, own", [
    (["environment", "list"], "pylock"), (["token", "list"], "token"), (["walk", "."], "junit"), (["groups"], "token")])
def test_a_format_belongs_to_its_command(command, own):
    done = in_pipe(*command, "--format", own)
    assert done.code == 2 and f'Unknown format "{own}"' in done.err


def test_help_names_the_fields_that_lines_have():
    fields = re.search(r"^  walk +(group .*\n.*)\n", in_pipe("walk", "--help").out, re.MULTILINE).group(1).split()
    assert fields[:4] == ["group", "name", "value", "package"]
    assert all(len(row) == len(fields) for row in rows(in_pipe("--format", "lines", "walk", GOOD)))


# ---- warnings ----

def doubtful(folder, name):
    (folder / name).mkdir(parents=True)
    (folder / name / "plugin.yaml").write_text(f"name: {name}\nversion: '1.0'\ncolour: red\n")
    return folder / name


def test_a_warning_is_printed_once(tmp_path):
    one, two = doubtful(tmp_path / "plugins", "one"), doubtful(tmp_path / "plugins", "two")
    done = in_pipe("check", one, two, one)
    lines = done.out.splitlines()
    assert done.code == 0 and lines[-1].startswith("3 can be published"), done.out
    assert [line.split()[1] for line in lines if line.startswith("ok ")] == ["one", "two", "one"]
    warned = [line for line in lines if "[unknown-key]" in line]
    assert [path for line in warned for path in (one, two) if str(path) in line] == [one, two]
    everything = registryctl("--format", "json", "check", one, two, one).json
    assert [len(each["warnings"]) for each in everything] == [1, 1, 1]


def record_of(name, message="Is it?"):
    return {"group": "a.group", "name": name, "value": f"{name}:x", "package": name, "version": "1.0", "source": "registry", "label": None,
            "origin": f"/v1/packages/{name}/releases/1.0", "manifest": None, "errors": [], "shadowed_by": None,
            "warnings": [{"code": "doubt", "where": None, "message": message, "hint": None}]}


def test_the_same_words_about_two_records_are_two_warnings():
    """A warning without a place is about the record above it."""
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": [record_of("one"), record_of("two")]})
        done = in_pipe("resolve", "a.group", REGISTRYD_URL=registry.url)
        quiet = in_pipe("--quiet", "resolve", "a.group", REGISTRYD_URL=registry.url)
    assert done.out.count("Is it? [doubt]") == 2 and "one  /v1/packages/one/releases/1.0" in done.out
    assert "/v1/packages/one" not in quiet.out, "a heading without anything below it"


def test_a_place_that_two_records_share_is_told_of_once():
    records = [record_of(name) for name in ("one", "two")]
    for record in records:
        record["warnings"][0]["where"] = "/srv/pyproject.toml:3"
    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": records})
        done = in_pipe("resolve", "a.group", REGISTRYD_URL=registry.url)
    assert done.out.count("Is it? [doubt]") == 1
    assert "/v1/packages/one" in done.out and "/v1/packages/two" not in done.out
