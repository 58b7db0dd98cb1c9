# SPDX-License-Identifier: MIT
"""registryctl sync: the directory of a host holds what its environment resolves to, in the host's own layout; it is
replaced as a whole, and whatever goes wrong leaves it as it was."""

import os

import pytest
from support.artifacts import wheel
from support.registryctl import on_terminal, registryctl
from support.sync_host import GROUP, MARKER, SyncHost, plugin

META = 'PLUGIN_META = {{"id": "{0}", "name": "{0}", "version": "1.0"}}\n\n\ndef register(app): ...\n'
LOGIN = "class BasePlugin:\n    pass\n\n\nclass LoginPlugin(BasePlugin):\n    def __init__(self, db): ...\n"


@pytest.fixture
def host(daemon, tmp_path, request):
    name = "sync-" + str(abs(hash(request.node.name)) % 10**9)
    return SyncHost(daemon, tmp_path, name)


def test_the_directory_holds_what_was_published(host, tmp_path):
    folders = [plugin(tmp_path, "s1crm"), plugin(tmp_path, "s1hr")]
    host.publish(*folders)
    answer = host.sync()
    assert answer["changed"] and answer["set"] == 1 and not answer["missing"]
    assert [(item["package"], item["action"], item["paths"]) for item in answer["packages"]] == [
        ("s1crm", "install", ["s1crm"]), ("s1hr", "install", ["s1hr"])]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                assert (host.into / folder.name / path.relative_to(folder)).read_bytes() == path.read_bytes()
    theirs = registryctl("walk", "--format", "json", folders[0].parent).json
    mine = registryctl("walk", "--format", "json", host.into).json
    assert [(r["name"], r["value"], r["version"], r["manifest"], r["errors"]) for r in mine] == [
        (r["name"], r["value"], r["version"], r["manifest"], r["errors"]) for r in theirs]


def test_again_changes_nothing(host, tmp_path):
    host.publish(plugin(tmp_path, "s2crm"))
    host.sync()
    before = host.into.stat().st_ino
    assert not host.sync()["changed"] and host.into.stat().st_ino == before
    assert "is unchanged" in on_terminal("sync", GROUP, "--into", host.into, **host.settings).out


def test_update_remove_and_back(host, tmp_path):
    host.publish(plugin(tmp_path, "s3crm"), plugin(tmp_path, "s3hr"))
    host.sync()
    first = host.holds()
    host.publish(plugin(tmp_path, "s3crm", "2.0"))
    host.change("disable", "s3hr")
    answer = host.sync()
    assert [(item["package"], item["action"]) for item in answer["packages"]] == [("s3crm", "update")]
    assert answer["removed"] == ["s3hr"] and answer["set"] == 2
    second = host.holds()
    assert b"2.0" in second["s3crm/router.py"] and not (host.into / "s3hr").exists()
    assert host.sync("--rollback")["set"] == 1 and host.holds() == first
    assert host.sync("--rollback", code=1) and host.holds() == first
    assert registryctl("sync", "--into", host.into, **host.settings).code == 2
    assert registryctl("sync", "--into", host.into, "--rollback", **host.settings).code == 1
    assert host.sync()["set"] == 3 and host.holds() == second


def test_earlier_sets_are_kept_up_to_a_number(host, tmp_path):
    for number in range(1, 5):
        host.publish(plugin(tmp_path, "s4crm", f"{number}.0"))
        host.sync("--keep", "2")
    assert sorted(path.name for path in (tmp_path / ".plugins.sync/sets").iterdir()) == ["2", "3"]


def test_a_plan_changes_nothing(host, tmp_path):
    host.publish(plugin(tmp_path, "s5crm"))
    answer = host.sync("--dry-run")
    assert answer["changed"] and answer["dry_run"] and answer["packages"][0]["action"] == "install"
    assert not host.into.exists() and not (tmp_path / ".plugins.sync").exists()


def test_a_misspelt_group_removes_nothing(host, tmp_path):
    host.publish(plugin(tmp_path, "s17crm"))
    host.sync()
    before = host.holds()
    assert 'Did you mean "honeyframe.plugins"?' in host.sync(group="honeyframe.plugin", code=1)
    assert host.holds() == before


def test_what_is_refused_leaves_nothing_behind(host, tmp_path):
    registryctl("publish", "--metadata-only", plugin(tmp_path, "s18crm"), **host.settings)
    host.change("enable", "s18crm")
    assert "has no wheel" in host.sync(code=3)
    assert not host.into.exists() and not (tmp_path / ".plugins.sync").exists()
    host.into.mkdir()
    (host.into / "theirs.txt").write_text("x")
    assert "theirs.txt" in host.sync(code=3)
    assert [path.name for path in host.into.iterdir()] == ["theirs.txt"] and not (tmp_path / ".plugins.sync").exists()


def test_the_last_plugin_goes_when_it_is_decided(host, tmp_path):
    host.publish(plugin(tmp_path, "s19crm"))
    host.sync()
    host.change("disable", "s19crm")
    assert host.sync()["removed"] == ["s19crm"] and host.holds() == {}


def test_foreign_content_is_refused_or_adopted(host, tmp_path):
    host.publish(plugin(tmp_path, "s6crm"))
    (host.into / "local").mkdir(parents=True)
    (host.into / "local" / "run.sh").write_text("#!/bin/sh\n")
    (host.into / "local" / "run.sh").chmod(0o755)
    assert "--adopt" in host.sync(code=3) and sorted(host.holds()) == ["local/run.sh"]
    assert host.sync("--adopt", "local")["adopted"] == ["local"]
    (host.into / "local" / "run.sh").write_text("#!/bin/bash\n")
    host.publish(plugin(tmp_path, "s6crm", "2.0"))
    host.sync()
    assert (host.into / "local" / "run.sh").read_text() == "#!/bin/bash\n"
    assert os.access(host.into / "local" / "run.sh", os.X_OK) and b"2.0" in host.holds()["s6crm/router.py"]
    assert (tmp_path / ".plugins.sync/before/local/run.sh").read_text() == "#!/bin/sh\n"
    (host.into / "other.txt").write_text("x")
    assert "other.txt" in host.sync(code=3)


def test_a_cache_of_python_is_not_foreign(host, tmp_path):
    host.publish(plugin(tmp_path, "s7crm"))
    host.sync()
    (host.into / "__pycache__").mkdir()
    (host.into / "s7crm" / "__pycache__").mkdir()
    assert not host.sync()["changed"]


def test_a_release_without_a_wheel_leaves_the_directory(host, tmp_path):
    host.publish(plugin(tmp_path, "s8crm"))
    host.sync()
    before = host.holds()
    registryctl("publish", "--metadata-only", plugin(tmp_path, "s8hr"), **host.settings)
    host.change("enable", "s8hr")
    assert "s8hr 1.0 has no wheel" in host.sync(code=3) and host.holds() == before


def test_two_packages_with_one_folder(host, tmp_path):
    for name in ("s9crm", "s9crm-fork"):
        entries = f"[{GROUP}]\ns9crm = plugins.s9crm:manifest\n"
        filename, data = wheel(name, "1.0", entries, files={
            f"plugins/s9crm/{name}.py": b"", "shared/code.py": b"", "plugins/s9crm/plugin.yaml": b"name: s9crm\nversion: '1.0'\n"})
        (tmp_path / filename).write_bytes(data)
    host.publish(tmp_path / "s9crm-1.0-py3-none-any.whl")
    assert host.sync()["packages"][0]["left_out"] == 1
    before = host.holds()
    host.publish(tmp_path / "s9crm_fork-1.0-py3-none-any.whl")
    told = host.sync(code=3)
    assert "path-conflict" in told and "s9crm and s9crm-fork" in told and host.holds() == before


def test_what_is_enabled_and_missing_is_named(host, tmp_path):
    host.publish(plugin(tmp_path, "s10crm"), plugin(tmp_path, "s10hr"))
    status = host.daemon.put("/v1/packages/s10hr/status", {"status": "quarantined", "reason": "test"},
                             token=host.daemon.publisher_token)
    assert status.status == 200, status.body
    answer = host.sync(code=1)
    assert [item["package"] for item in answer["missing"]] == ["s10hr"]
    assert sorted({path.split("/")[0] for path in host.holds()}) == ["s10crm"]


@pytest.mark.parametrize("group, files, entry, top", [
    ("fastcms.plugins", {"__init__.py": META.format("s11blog")}, "plugins/s11blog", "s11blog"),
    ("microcoreos.plugins", {"plugins/login_plugin.py": LOGIN}, "domains/s11users", "s11users"),
])
def test_layouts_of_the_hosts(host, tmp_path, group, files, entry, top):
    folder = tmp_path / "source" / entry
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = registryctl("publish", "--format", "json", folder, "--version", "1.0", **host.settings)
    assert done.code == 0, done.err
    host.change("enable", done.json[0]["package"])
    host.sync(group=group)
    assert host.holds() == {f"{top}/{name}": text.encode() for name, text in files.items()}


def test_a_folder_with_hyphens_beside_one_without(host, tmp_path):
    """Both entry points name one module; each plugin has the folder that is called like it."""
    names = ("s13-crm", "s13_crm")
    entries = "[honeyframe.plugins]\n" + "".join(f"{name} = plugins.s13_crm:manifest\n" for name in names)
    filename, data = wheel("s13", "1.0", entries, files={
        f"plugins/{name}/plugin.yaml": f"name: {name}\nversion: '1.0'\n".encode() for name in names})
    (tmp_path / filename).write_bytes(data)
    host.publish(tmp_path / filename)
    host.sync()
    assert set(host.holds()) == {f"{name}/plugin.yaml" for name in names}


def test_a_site_directory(host, tmp_path):
    entries = "[mountaineer.plugins]\ns12 = s12_plugin.plugin:plugin\n"
    files = {"s12_plugin/__init__.py": b"", "s12_plugin/plugin.py": b"plugin = MountaineerPlugin(name='s12')\n"}
    filename, data = wheel("s12-plugin", "1.0", entries, files=files, Requires_Dist=["mountaineer>=0.8"])
    (tmp_path / filename).write_bytes(data)
    host.publish(tmp_path / filename)
    answer = host.sync(group="mountaineer.plugins")
    assert sorted(answer["packages"][0]["paths"]) == ["s12_plugin", "s12_plugin-1.0.dist-info"]
    assert answer["packages"][0]["requires"] == ["mountaineer>=0.8"]
    found = registryctl("walk", "--format", "json", "--convention", "dist-info", host.into).json
    assert [(record["name"], record["value"]) for record in found] == [("s12", "s12_plugin.plugin:plugin")]


def test_one_sync_at_a_time_and_no_links(host, tmp_path):
    import fcntl

    host.publish(plugin(tmp_path, "s13crm"))
    host.sync()
    with open(tmp_path / ".plugins.sync/lock", "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another sync" in host.sync(code=3)
    (tmp_path / "link").symlink_to(host.into)
    done = registryctl("sync", GROUP, "--into", tmp_path / "link", **host.settings)
    assert done.code == 2 and "link" in done.err


def test_a_damaged_copy_is_fetched_again(host, tmp_path):
    host.publish(plugin(tmp_path, "s14crm"))
    host.sync()
    for kept in (tmp_path / ".plugins.sync/wheels").iterdir():
        kept.write_bytes(b"damaged")
    host.publish(plugin(tmp_path, "s14hr"))
    host.sync()
    assert len(list((tmp_path / ".plugins.sync/wheels").iterdir())) == 2
    assert sorted({path.split("/")[0] for path in host.holds()}) == ["s14crm", "s14hr"]


def test_a_damaged_marker_is_named(host, tmp_path):
    host.publish(plugin(tmp_path, "s15crm"))
    host.sync()
    (host.into / MARKER).write_text("{")
    assert MARKER in host.sync(code=3)


def test_modes_are_those_of_the_wheel_and_of_the_umask(host, tmp_path):
    """What the archiver marked as a program stays one; no other bit of a mode is taken."""
    folder = plugin(tmp_path, "s20crm")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o4777)
    (folder / "router.py").chmod(0o666)
    host.publish(folder)
    before = os.umask(0o027)
    try:
        host.sync()
    finally:
        os.umask(before)
    modes = {name: (host.into / "s20crm" / name).stat().st_mode & 0o7777 for name in ("run.sh", "router.py", "dbt")}
    assert modes == {"run.sh": 0o750, "router.py": 0o640, "dbt": 0o750}
