# SPDX-License-Identifier: MIT
"""registryctl entry-points: what it prints reads back to what was walked, and nothing is lost."""

import tomllib

import pytest
from support.registryctl import SOURCE_DIR, on_terminal, registryctl

HEAD = '[project]\nname = "all"\nversion = "1"\n\n'


def plugin(root, slug, text=None):
    folder = root / slug
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(text or f"name: {slug}\nversion: 0.1.0\n")
    return folder


def project(root, name, text):
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1.0"\n{text}')
    return folder


@pytest.fixture
def roots(tmp_path):
    """Every kind: good, shadowed, broken, scripts, odd names."""
    install, data = tmp_path / "install", tmp_path / "data"
    plugin(install, "crm")
    plugin(install, "_demo")
    plugin(data, "crm", "name: crm\nversion: 9.0.0\n")
    plugin(data, "helpdesk", "name: [\n")
    project(data, "tools", '[project.scripts]\nrun = "tools.main:run"\n[project.gui-scripts]\nwin = "tools:win"\n'
            '[project.entry-points."acme.things"]\n"a b\'c" = "tools.things:Thing [extra]"\nx = "tools:x"\n'
            '[project.entry-points.simple]\n"ü.1" = "tools.ü:x"\n')
    return [f"install={install}", f"data={data}"]


def keys(records):
    return sorted((r["group"], r["name"], r["value"]) for r in records if not r["errors"] and not r["shadowed_by"])


def read_back(tmp_path, text, name="back"):
    """The text as a project, walked."""
    folder = tmp_path / name / "project"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(text)
    done = registryctl("walk", folder.parent, "--convention", "pyproject")
    assert done.code == 0
    assert not any(record["errors"] for record in done.json), done.out
    return done.json


def documents(text):
    """The projects of --project, by package."""
    parts = text.split("# ---- pyproject.toml of ")[1:]
    return {part.split(" ", 1)[0]: part.split("\n", 1)[1] for part in parts}


def test_the_tables_read_back_to_the_walk(roots, tmp_path):
    walked = registryctl("walk", *roots).json
    done = registryctl("entry-points", *roots)
    assert (done.code, done.err) == (0, "")
    assert keys(read_back(tmp_path, HEAD + done.out)) == keys(walked)
    tables = tomllib.loads(done.out)["project"]
    assert tables["scripts"] == {"run": "tools.main:run"}
    assert tables["gui-scripts"] == {"win": "tools:win"}
    assert tables["entry-points"]["acme.things"] == {"a b'c": "tools.things:Thing [extra]", "x": "tools:x"}


def test_it_is_text_to_paste(roots):
    lines = registryctl("entry-points", *roots).out.splitlines()
    assert '[project.entry-points."honeyframe.plugins"]' in lines
    assert "[project.entry-points.simple]" in lines
    assert 'crm = "plugins.crm:manifest"' in lines
    assert f"# crm 0.1.0  {roots[0].split('=')[1]}/crm" in lines


def test_whole_projects(roots, tmp_path):
    walked = registryctl("walk", *roots).json
    found = documents(registryctl("entry-points", "--project", *roots).out)
    assert sorted(found) == ["crm", "demo", "helpdesk", "tools"]
    back = []
    for package, text in found.items():
        if package == "helpdesk":
            assert tomllib.loads(text) == {}
            continue
        assert tomllib.loads(text)["build-system"]["build-backend"] == "setuptools.build_meta"
        records = read_back(tmp_path, text, package)
        assert {(r["package"], r["version"]) for r in records} == {
            (r["package"], r["version"]) for r in walked if r["package"] == package and not r["shadowed_by"]}
        back += records
    assert keys(back) == keys(walked)


def test_one_package_is_a_file(roots, tmp_path):
    done = registryctl("entry-points", "--project", "--package", "crm", *roots)
    (record,) = read_back(tmp_path, done.out)
    assert (record["package"], record["version"], record["name"]) == ("crm", "0.1.0", "crm")


def test_what_cannot_be_declared_is_a_comment_with_the_reason(roots):
    lines = registryctl("entry-points", *roots).out.splitlines()
    data = roots[1].split("=")[1]
    install = roots[0].split("=")[1]
    assert f'# shadowed: crm = "plugins.crm:manifest", by {install}/crm' in lines
    assert "# broken: helpdesk" in lines
    assert any(line.startswith(f"#   {data}/helpdesk/plugin.yaml:") and "[malformed]" in line for line in lines)


def test_only_some_groups(roots):
    def groups(*arguments):
        done = registryctl("entry-points", *arguments, *roots)
        return sorted(tomllib.loads(done.out).get("project", {}).get("entry-points", {}))

    assert groups() == ["acme.things", "honeyframe.plugins", "simple"]
    assert groups("--group", "simple") == ["simple"]
    assert groups("--group", "simple", "--group=acme.things") == ["acme.things", "simple"]
    assert groups("--group", "nothing") == []


def test_a_group_of_broken_plugins_has_no_table(tmp_path):
    plugin(tmp_path, "helpdesk", "name: [\n")
    done = registryctl("entry-points", tmp_path)
    assert tomllib.loads(done.out) == {} and "helpdesk" in done.out
    assert done.code == 0
    assert registryctl("entry-points", tmp_path, "--require").code == 1


def test_the_same_name_of_two_packages_in_one_root(tmp_path):
    for name in ("one", "two"):
        project(tmp_path, name, f'[project.entry-points.g]\nx = "{name}:x"\n')
    done = registryctl("entry-points", tmp_path)
    assert tomllib.loads(done.out)["project"]["entry-points"]["g"] == {"x": "one:x"}
    assert '# duplicate name: x = "two:x"' in done.out


def test_no_version_is_said_and_not_made_up(tmp_path):
    folder = tmp_path / "domains" / "users"
    folder.mkdir(parents=True)
    (folder / "create_plugin.py").write_text("class CreateUser(BasePlugin):\n    pass\n")
    done = registryctl("entry-points", "--project", tmp_path)
    project_table = tomllib.loads(done.out)["project"]
    assert project_table["dynamic"] == ["version"] and "version" not in project_table
    assert project_table["entry-points"]["microcoreos.plugins"]


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a#b", "a.b c", "日本"])
def test_names_are_quoted(tmp_path, name):
    literal = f"'{name}'"
    project(tmp_path, "odd", f'[project.entry-points.g]\n{literal} = "m:x"\n')
    done = registryctl("entry-points", tmp_path)
    assert tomllib.loads(done.out)["project"]["entry-points"]["g"] == {name: "m:x"}


def test_nothing_in_a_name_steers_the_terminal_or_ends_a_comment(tmp_path):
    plugin(tmp_path, "evil\nx = 1\x1b[2J")
    done = registryctl("entry-points", tmp_path)
    assert tomllib.loads(done.out) == {}
    assert "\x1b" not in done.out and "\\x1b[2J" in done.out


def test_json(roots):
    done = registryctl("entry-points", "--format", "json", *roots)
    found = {item["package"]: item for item in done.json}
    assert sorted(found) == ["crm", "demo", "helpdesk", "tools"]
    assert found["crm"]["version"] == "0.1.0"
    assert found["crm"]["entry_points"] == {"honeyframe.plugins": {"crm": "plugins.crm:manifest"}}
    assert [record["version"] for record in found["crm"]["left_out"]] == ["9.0.0"]
    assert found["helpdesk"]["entry_points"] == {} and found["helpdesk"]["left_out"][0]["errors"]
    assert found["tools"]["entry_points"]["console_scripts"] == {"run": "tools.main:run"}


def test_no_plugins(tmp_path):
    done = registryctl("entry-points", tmp_path)
    assert (done.code, done.out) == (0, "# No plugins found.\n")


@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal_it_is_the_same_text(roots, columns):
    shown = on_terminal("entry-points", *roots, columns=columns, NO_COLOR="1").out
    assert shown == registryctl("entry-points", *roots).out


def test_the_examples(tmp_path):
    root = SOURCE_DIR / "docs/examples/install/plugins"
    done = registryctl("entry-points", root)
    assert keys(read_back(tmp_path, HEAD + done.out)) == keys(registryctl("walk", root).json)
