# SPDX-License-Identifier: MIT
"""registryctl publish --all and --convention: every plugin under roots, each once, the bad ones named."""

import json

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import SOURCE_DIR, on_terminal, registryctl

META = 'PLUGIN_META = {"id": "seo", "name": "SEO", "version": "2.0"}\n\n\ndef register(app):\n    pass\n'


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


def run(registry, command, *arguments, **settings):
    """The documents of directories; what is packed, test_publish_packed.py says."""
    more = ["--metadata-only"] if command == "publish" else []
    return registryctl(command, *more, *arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN="secret", **settings)


def plugin(root, slug, text=None):
    (root / slug).mkdir(parents=True)
    (root / slug / "plugin.yaml").write_text(text or f"name: {slug}\nversion: 0.1.0\n")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path):
    """A plugin of every convention of source trees, and things that are none."""
    root = tmp_path / "root"
    plugin(root, "crm")
    write(root / "seo" / "__init__.py", META)
    write(root / "mount" / "pyproject.toml", '[project]\nname = "mount"\nversion = "3.0"\n')
    write(root / "mount" / "mount" / "plugin.py", 'plugin = MountaineerPlugin(name="mount")\n')
    write(root / "tools" / "pyproject.toml",
          '[project]\nname = "tools"\nversion = "4.0"\n[project.scripts]\nrun = "tools:run"\n')
    write(root / "library" / "pyproject.toml", '[project]\nname = "library"\nversion = "5.0"\n')
    write(root / "domains" / "users" / "plugins" / "add_plugin.py", "class AddUser(BasePlugin):\n    pass\n")
    write(root / "pyproject.toml", '[project]\nname = "app"\nversion = "6.0"\n')
    write(root / "notes" / "README", "no plugin\n")
    return root


RELEASES = [("crm", "0.1.0"), ("seo", "2.0"), ("mount", "3.0"), ("tools", "4.0"), ("users", "6.0")]


def accept(registry, *releases):
    for number, (package, version) in enumerate(releases, 1):
        registry.answer("PUT", f"/v1/packages/{package}/releases/{version}", {"serial": number, "created": True})


def outcomes(done):
    return {item["path"].rsplit("/", 1)[1]: item["outcome"] for item in done.json}


def test_every_convention(registry, root):
    accept(registry, *RELEASES)
    done = run(registry, "publish", "--all", root)
    assert (done.code, done.err) == (0, "")
    assert outcomes(done) == {name: "published" for name, _ in RELEASES}
    sent = {request.path: json.loads(request.body) for request in registry.requests}
    assert set(sent) == {f"/v1/packages/{package}/releases/{version}" for package, version in RELEASES}
    users = sent["/v1/packages/users/releases/6.0"]
    assert users["entry_points"] == {
        "microcoreos.plugins": {"users.AddUser": "domains.users.plugins.add_plugin:AddUser"}}


def test_what_is_published_is_what_the_walk_finds(registry, root):
    accept(registry, *RELEASES)
    run(registry, "publish", "--all", root)
    walked = {(r["package"], r["version"], r["group"], r["name"], r["value"])
              for r in registryctl("walk", root).json}
    published = set()
    for request in registry.requests:
        document = json.loads(request.body)
        _, _, _, package, _, version = request.path.split("/")
        published |= {(package, version, group, name, value) for group, entries in document["entry_points"].items()
                      for name, value in entries.items()}
    assert published == walked and walked


def test_one_convention_alone(registry, root):
    accept(registry, *RELEASES)
    done = run(registry, "publish", "--all", root, "--convention", "plugin-meta")
    assert outcomes(done) == {"seo": "published"}
    done = run(registry, "publish", "--convention", "plugin-meta", root / "seo")
    assert outcomes(done) == {"seo": "published"}


def test_a_declared_convention(registry, root, tmp_path):
    write(root / "odd" / "thing.yaml", "id: odd\nversion: '9'\n")
    declaration = tmp_path / "odd.yaml"
    declaration.write_text("name: odd\nlook: '*/thing.yaml'\nread: yaml\nrequire: [id, version]\nrecord:\n"
                           "  group: odd.things\n  name: '{id}'\n  value: 'odd.{1}:load'\n"
                           "  version: '{version}'\n")
    accept(registry, ("odd", "9"))
    done = run(registry, "publish", "--all", root, "--convention", declaration)
    assert outcomes(done) == {"odd": "published"}, done.err
    assert json.loads(registry.requests[0].body)["entry_points"] == {"odd.things": {"odd": "odd.odd:load"}}


def test_a_path_that_is_none_of_the_convention(registry, root):
    done = run(registry, "publish", "--convention", "plugin-yaml", root / "seo")
    assert done.code == 2 and "plugin-yaml" in done.json[0]["error"]["message"]
    done = run(registry, "publish", "--convention", "nothing", root / "seo")
    assert done.code == 2 and 'no convention "nothing"' in done.err


def test_it_goes_on_after_bad_ones_and_exits_3(registry, root):
    plugin(root, "bad", "name: [\n")
    plugin(root, "zzz")
    accept(registry, *RELEASES, ("zzz", "0.1.0"))
    registry.replies.pop(("PUT", "/v1/packages/seo/releases/2.0"))
    registry.problem("PUT", "/v1/packages/seo/releases/2.0", 409, "conflict", "Other content is there")
    done = run(registry, "publish", "--all", root)
    assert done.code == 3
    assert outcomes(done) == {**{name: "published" for name, _ in RELEASES}, "zzz": "published",
                              "bad": "failed", "seo": "failed"}
    assert f"{root}/bad was not published" in done.err and "Other content is there" in done.err
    table = run(registry, "publish", "--all", root, "--format", "table").out
    assert table.endswith("5 published, 0 unchanged, 2 failed\n")


def test_a_directory_that_cannot_be_entered_is_told(registry, tmp_path):
    plugin(tmp_path, "crm")
    (tmp_path / "out").symlink_to("/etc")
    accept(registry, ("crm", "0.1.0"))
    done = run(registry, "publish", "--all", tmp_path)
    assert done.code == 3
    assert outcomes(done) == {"crm": "published", "out": "failed"}
    assert done.json[1]["errors"][0]["code"] == "link-outside-root"


def test_what_an_earlier_root_shadows_is_left_out(registry, tmp_path):
    plugin(tmp_path / "install", "crm")
    plugin(tmp_path / "data", "crm", "name: crm\nversion: 9.9.9\n")
    plugin(tmp_path / "data", "crm2")
    accept(registry, ("crm", "0.1.0"), ("crm2", "0.1.0"))
    roots = [f"install={tmp_path}/install", f"data={tmp_path}/data"]
    done = run(registry, "publish", "--all", *roots)
    assert done.code == 0
    assert [item["outcome"] for item in done.json] == ["published", "shadowed", "published"]
    assert len(registry.requests) == 2
    table = run(registry, "publish", "--all", *roots, "--format", "table").out
    assert f"{tmp_path}/data/crm, by {tmp_path}/install/crm" in table
    assert "2 published, 0 unchanged, 1 shadowed, 0 failed" in table


def test_a_version_for_all_that_declare_none(registry, tmp_path):
    write(tmp_path / "domains" / "users" / "add_plugin.py", "class AddUser(BasePlugin):\n    pass\n")
    assert run(registry, "publish", "--all", tmp_path).code == 3
    accept(registry, ("users", "7"))
    assert run(registry, "publish", "--all", tmp_path, "--version", "7").code == 0


def test_nothing_to_publish(registry, tmp_path):
    done = run(registry, "publish", "--all", tmp_path)
    assert (done.code, done.json) == (1, [])
    assert run(registry, "publish", "--all", tmp_path / "nowhere").code == 2


def test_check_all(root):
    plugin(root, "bad", "name: [\n")
    done = registryctl("check", "--all", root)
    assert done.code == 1
    assert outcomes(done) == {**{name: "ok" for name, _ in RELEASES}, "bad": "failed"}
    assert registryctl("check", "--all", root, "--convention", "plugin-meta").code == 0


@pytest.mark.parametrize("columns", [80, 140])
def test_many_on_a_terminal(registry, tmp_path, columns):
    for number in range(60):
        plugin(tmp_path, f"p{number}")
        accept(registry, (f"p{number}", "0.1.0"))
    shown = on_terminal("publish", "--metadata-only", "--all", tmp_path, columns=columns, REGISTRYD_URL=registry.url, NO_COLOR="1").out
    assert "1 of 60  " in shown
    assert shown.endswith("60 published, 0 unchanged, 0 failed\n")
    lines = shown.replace("\r\x1b[K", "\n").splitlines()
    assert sum(line.startswith("published") for line in lines) == 60


def test_the_examples(registry):
    done = registryctl("check", "--all", SOURCE_DIR / "docs/examples/install/plugins",
                       SOURCE_DIR / "docs/examples/packages")
    assert done.code == 0 and len(done.json) == 5
