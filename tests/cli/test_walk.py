# SPDX-License-Identifier: MIT
"""registryctl walk: JSON for programs, a table for people, nothing of a plugin's making in between."""

import re
import subprocess

import pytest
from support.registryctl import PROGRAM, SOURCE_DIR, environment, on_terminal, registryctl

TREES = SOURCE_DIR / "tests" / "trees"
KEYS = {"group", "name", "value", "package", "version", "source", "label", "origin", "manifest",
        "warnings", "errors", "shadowed_by"}
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def make_plugin(root, slug, text=None):
    folder = root / slug
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(text or f"name: {slug}\nversion: 1.0.0\n")
    return folder


def test_records_have_every_key():
    done = registryctl("walk", f"install={TREES}/good/install")
    assert (done.code, done.err) == (0, "")
    assert [set(record) for record in done.json] == [KEYS, KEYS]
    crm = done.json[0]
    assert (crm["name"], crm["version"], crm["value"]) == ("crm", "0.1.0", "plugins.crm:manifest")
    assert (crm["source"], crm["label"], crm["shadowed_by"]) == ("walk", "install", None)
    assert crm["manifest"]["display_name"] == "CRM"


def test_one_bad_plugin_never_hides_the_others():
    done = registryctl("walk", TREES / "broken_yaml" / "install")
    assert done.code == 0
    assert [bool(record["errors"]) for record in done.json] == [True, False, True]
    error = done.json[0]["errors"][0]
    assert re.search(r"bad/plugin\.yaml:\d+", error["where"]) and error["message"]


def test_the_first_root_wins():
    done = registryctl("walk", f"a={TREES}/collision/install", f"b={TREES}/collision/data")
    assert {(r["name"], r["version"]): r["shadowed_by"] for r in done.json} == {
        ("crm", "1.0.0"): None,
        ("crm", "2.0.0"): f"{TREES}/collision/install/crm",
        ("finance", "1.0.0"): None,
    }
    turned = registryctl("walk", f"b={TREES}/collision/data", f"a={TREES}/collision/install")
    assert {r["version"] for r in turned.json if r["name"] == "crm" and not r["shadowed_by"]} == {"2.0.0"}


def test_a_root_without_label_is_called_by_its_path(tmp_path):
    make_plugin(tmp_path, "crm")
    assert registryctl("walk", tmp_path).json[0]["label"] == str(tmp_path)
    assert registryctl("walk", f"{tmp_path}/").json[0]["origin"] == f"{tmp_path}/crm"


def test_relative_roots(tmp_path):
    make_plugin(tmp_path, "crm")
    assert registryctl("walk", ".", cwd=tmp_path).json[0]["origin"] == "./crm"


def test_a_path_with_an_equals_sign(tmp_path):
    make_plugin(tmp_path / "a=b", "crm")
    assert len(registryctl("walk", tmp_path / "a=b").json) == 1
    assert len(registryctl("walk", "./a=b", cwd=tmp_path).json) == 1


def test_nothing_found_is_no_error_unless_demanded():
    empty = TREES / "empty" / "install"
    assert (registryctl("walk", empty).code, registryctl("walk", empty).json) == (0, [])
    assert registryctl("walk", "--require", empty).code == 1
    assert registryctl("walk", "--require", TREES / "good" / "install").code == 0
    assert "No plugins found" in registryctl("walk", "--format", "table", empty).out


@pytest.mark.parametrize("convention", ["auto", "plugin-yaml"])
def test_conventions(convention):
    done = registryctl("walk", f"--convention={convention}", TREES / "good" / "install")
    assert len(done.json) == 2


def test_the_conventions_are_documented():
    """The table in the code, the help and the page name the same conventions."""
    known = registryctl("walk", "--convention", "?", TREES).err.strip().split("known are ")[1].split(";")[0].split(", ")
    page = (SOURCE_DIR / "docs" / "CONVENTIONS.md").read_text().split("## Rules for all")[0]
    assert [f"`{name}`" for name in known[1:]] == re.findall(r"^\| (`[a-z-]+`) \|", page, re.M)
    text = registryctl("walk", "--help").out
    assert known[0] == "auto" and all(name in text for name in known)


@pytest.mark.parametrize(
    "arguments, needle",
    [
        (["/nowhere/at/all"], "/nowhere/at/all: The directory does not exist"),
        ([TREES / "good" / "expected.json"], "not a directory"),
        (["--convention", "nix", TREES], 'There is no convention "nix"'),
        (["data="], "Use PATH or LABEL=PATH"),
        ([""], "empty"),
    ],
)
def test_bad_roots_are_usage(arguments, needle):
    done = registryctl("walk", *arguments)
    assert done.code == 2
    assert needle in done.err and done.out == ""


def test_needs_no_registry_and_ignores_its_settings():
    assert registryctl("walk", TREES / "good" / "install", REGISTRYD_URL="not an address").code == 0


def test_table_when_asked_for_has_no_colour_in_a_pipe():
    done = registryctl("walk", "--format", "table", f"install={TREES}/collision/install",
                       f"data={TREES}/collision/data")
    assert "\x1b" not in done.out
    assert "3 entry points, 1 shadowed" in done.out
    rows = [line.split() for line in done.out.splitlines() if "plugins.crm:manifest" in line]
    assert [row[1] for row in rows] == ["1.0.0", "2.0.0"]  # the winner first
    assert rows[1][-1] == "shadowed"


def test_terminal_gets_a_table_in_colour_that_fits():
    for columns in (60, 80, 140):
        shown = on_terminal("walk", f"install={TREES}/collision/install", columns=columns)
        assert "\x1b[" in shown.out and shown.code == 0
        rows = [line for line in COLOR.sub("", shown.out).splitlines() if line.startswith("  ")]
        assert rows and all(len(row) <= columns for row in rows)


def test_a_width_that_was_given_counts_in_a_pipe_too():
    roots = (f"install={TREES}/collision/install", f"data={TREES}/collision/data")
    wide = registryctl("walk", "--format", "table", *roots)
    narrow = registryctl("walk", "--format", "table", *roots, COLUMNS="60")
    assert max(map(len, wide.out.splitlines())) > 60
    rows = [line for line in narrow.out.splitlines() if line.startswith("  ")]
    assert rows and all(len(row) <= 60 for row in rows if str(TREES) not in row)


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_on_request(settings):
    assert "\x1b" not in on_terminal("walk", TREES / "good" / "install", **settings).out


def test_what_plugins_say_never_steers_the_terminal(tmp_path):
    make_plugin(tmp_path, "a\x1b[2Jb")
    make_plugin(tmp_path, "crm", 'name: crm\nversion: "1.0\\e[31m"\n"\\e]0;title\\a": 1\n')
    make_plugin(tmp_path, "\u202egpj")
    for arguments in (["--format", "table"], ["--format", "json"], []):
        shown = COLOR.sub("", on_terminal("walk", *arguments, tmp_path, columns=200, NO_COLOR="1").out)
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}, arguments
        assert "crm" in shown


def test_wide_characters_keep_the_columns_straight(tmp_path):
    make_plugin(tmp_path, "crm")
    make_plugin(tmp_path, "\u65e5\u672c\u8a9e")  # each as wide as two
    make_plugin(tmp_path, "cafe\u0301")  # the accent takes no room
    lines = registryctl("walk", "--format", "table", f"data={tmp_path}").out.splitlines()
    rows = [line for line in lines if line.startswith("  ") and " data " in line]

    def column(row):
        return sum({0x301: 0}.get(ord(c), 2 if ord(c) > 0x3000 else 1) for c in row[: row.index(" data ")])

    assert len(rows) == 3 and len({column(row) for row in rows}) == 1


def test_an_output_that_takes_nothing_is_a_fault():
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(PROGRAM), "walk", str(TREES / "good" / "install")], stdout=full,
                              stderr=subprocess.PIPE, env=environment(), text=True, check=False)
    assert done.returncode == 5 and "Cannot write the output" in done.stderr
