# SPDX-License-Identifier: MIT
"""Two packages whose wheels hold one path: pip would overwrite the one with the other. Publishing the second is warned
of, and refused when `registryctl pack` made its wheel."""

import pytest

from support.artifacts import sdist, wheel
from support.environments import address, create, ok, plugin

RAW = {"Content-Type": "application/octet-stream"}


def files(folder, names=("__init__.py", "plugin.yaml")):
    return {f"{folder}/{name}": b"x = 1\n" for name in names}


def send(registry, file):
    return registry.post(f"/v1/artifacts?filename={file[0]}", file[1], headers=RAW)


def shared(registry, file, status=201):
    """The findings path-shared of an upload that is taken."""
    answer = send(registry, file)
    assert answer.status == status, answer.body
    return [one for one in answer.json["warnings"] if one["code"] == "path-shared"]


def test_the_second_package_with_a_path_is_warned_of(registry):
    first, second = registry.new_name(), registry.new_name()
    folder = f"plugins/{first}"
    assert shared(registry, wheel(first, "1.0", files=files(folder))) == []
    (finding,) = shared(registry, wheel(second, "1.0", files=files(folder, ["__init__.py", "other.py", "plugin.yaml"])))
    assert finding["where"] == f"{second}-1.0-py3-none-any.whl"
    assert f"{first} 1.0" in finding["message"] and f"{folder}/__init__.py" in finding["message"]
    assert "1 more path" in finding["message"] and first in finding["hint"]
    # the same bytes again are no news
    assert shared(registry, wheel(second, "1.0", files=files(folder, ["__init__.py", "other.py", "plugin.yaml"])), 200) == []


def test_a_folder_in_common_is_no_path_in_common(registry):
    first, second = registry.new_name(), registry.new_name()
    assert shared(registry, wheel(first, "1.0", files=files("common", [f"{first}.py"]))) == []
    assert shared(registry, wheel(second, "1.0", files=files("common", [f"{second}.py"]))) == []


def test_own_versions_and_own_wheels_share_their_paths(registry):
    name = registry.new_name()
    for version, tag in [("1.0", "py3-none-any"), ("2.0", "py3-none-any"), ("2.0", "py2-none-any")]:
        assert shared(registry, wheel(name, version, tag=tag, files=files(name))) == []


def test_only_current_wheels_count(registry):
    first, second, third = (registry.new_name() for _ in range(3))
    shared(registry, wheel(first, "1.0", files=files(f"{first}/old")))
    shared(registry, wheel(first, "2.0", files=files(f"{first}/new")))
    assert shared(registry, wheel(second, "1.0", files=files(f"{first}/old"))) == []
    assert len(shared(registry, wheel(second, "2.0", files=files(f"{first}/new")))) == 1
    assert registry.post(f"/v1/packages/{first}/releases/2.0/yank", {"reason": "x"}).status == 200
    (finding,) = shared(registry, wheel(third, "1.0", files=files(f"{first}/old")))
    assert f"{first} 1.0" in finding["message"]


def test_a_wheel_that_pack_made_is_refused(registry, refused):
    first, second = registry.new_name(), registry.new_name()
    folder = f"plugins/{first}"
    shared(registry, wheel(first, "1.0", files=files(folder), generator="registryctl"))
    for generator in ("registryctl", "registryctl 1.2"):
        problem = refused(send(registry, wheel(second, "1.0", files=files(folder), generator=generator)), 409, "conflict")
        assert [error["code"] for error in problem["errors"]] == ["path-shared"]
    assert registry.get(f"/v1/packages/{second}").status == 404
    assert len(shared(registry, wheel(second, "1.0", files=files(folder), generator="registryctl-like"))) == 1


def test_a_successor_may_hold_the_paths(registry):
    first, second = registry.new_name(), registry.new_name()
    shared(registry, wheel(first, "1.0", files=files(first)))
    registry.publish(second, "0.9")
    assert registry.put(f"/v1/packages/{first}/status", {"status": "deprecated", "reason": "renamed",
                                                         "replaced_by": second}).status == 200
    assert shared(registry, wheel(second, "1.0", files=files(first), generator="registryctl")) == []


@pytest.mark.parametrize("path, other", [
    ("{n}.py", "{n}.py"),
    ("{n}/a.py", "{o}-1.0.data/purelib/{n}/a.py"),
    ("{n}-1.0.data/scripts/{n}", "{o}-1.0.data/scripts/{n}"),
    ("{n}-1.0.data/data/share/{n}", "{o}-1.0.data/data/share/{n}"),
])
def test_schemes(registry, path, other):
    first, second = registry.new_name(), registry.new_name()
    shared(registry, wheel(first, "1.0", files={path.format(n=first): b"a"}))
    assert len(shared(registry, wheel(second, "1.0", files={other.format(n=first, o=second): b"b"}))) == 1


def test_what_installers_keep_apart_is_no_path(registry):
    first, second = registry.new_name(), registry.new_name()
    for name in (first, second):
        assert shared(registry, wheel(name, "1.0", files={f"{name}-1.0.data/headers/a.h": b"a"})) == []
    shared(registry, sdist(first, "1.0", files={"same.py": b""}))
    assert shared(registry, sdist(second, "1.0", files={"same.py": b""})) == []


def test_what_the_tables_hold(registry):
    first, second = registry.new_name(), registry.new_name()
    shared(registry, wheel(first, "1.0", files=files(f"t/{first}")))
    shared(registry, wheel(first, "1.1", files=files(f"t/{first}")))
    shared(registry, wheel(second, "1.0", files=files(f"t/{first}")))
    assert registry.sql(f"SELECT replace(names, chr(10), ' ') FROM wheel_folders WHERE folder = 't/{first}' ORDER BY artifact_id") == [
        ["__init__.py plugin.yaml"]] * 3
    sharers = registry.sql("SELECT p.name FROM path_sharers s JOIN packages p ON p.id = s.package_id"
                           f" WHERE p.name IN ('{first}', '{second}')")
    assert sharers == [[second]]


def test_a_wheel_of_many_files_is_cheap(registry):
    """9,900 files in 990 folders: compared, written, and compared again by the next package."""
    first, second = registry.new_name(), registry.new_name()
    many = {f"{first}/d{i // 10}/f{i % 10}.py": b"" for i in range(9900)}
    shared(registry, wheel(first, "1.0", files=many))
    (finding,) = shared(registry, wheel(second, "1.0", files=many))
    assert "9899 more paths" in finding["message"]


def test_of_many_packages_some_are_named(registry):
    names = [registry.new_name("many") for _ in range(13)]
    for name in names:
        found = shared(registry, wheel(name, "1.0", files={"crowded/__init__.py": b""}))
    assert len(found) == 11 and found[-1]["message"] == "2 more packages hold paths of the wheel"


# ---- environments that select both ----


def publish_pair(registry, folder="same", group=None):
    """Two packages of one group whose wheels hold two paths in common; and the group."""
    group = group or registry.new_name("pair") + ".plugins"
    names = sorted([registry.new_name("pair"), registry.new_name("pair")])
    for name in names:
        held = files(f"{folder}/{names[0]}") | {f"{name}.py": b"x = 1\n"}
        assert send(registry, wheel(name, "1.0", f"[{group}]\n{name} = {name}:x\n", files=held)).status == 201
    return group, names


def conflicts(records):
    return {record["package"]: [one["message"] for one in record["warnings"] if one["code"] == "path-conflict"]
            for record in records}


def test_records_of_both_are_warned_of(registry):
    group, names = publish_pair(registry)
    message = (f'{names[0]} 1.0 and {names[1]} 1.0 both hold "same/{names[0]}/__init__.py" and 1 more path. Installed '
               "together, one overwrites the other.")
    assert conflicts(registry.resolve(f"group={group}")["records"]) == {name: [message] for name in names}
    assert conflicts(registry.resolve(f"group={group}&limit=1")["records"]) == {names[0]: [message]}
    # A release without the path ends it at once, and so does a decision.
    environment = registry.new_name("env")
    create(registry, environment, {"plugins": {names[1]: {"enabled": False}}})
    assert conflicts(registry.resolve(f"group={group}&environment={environment}")["records"]) == {names[0]: []}
    assert send(registry, wheel(names[1], "2.0", f"[{group}]\n{names[1]} = {names[1]}:x\n")).status == 201
    assert conflicts(registry.resolve(f"group={group}")["records"]) == {name: [] for name in names}


def test_what_cannot_be_installed_together_is_not_frozen_and_not_exported(registry, refused):
    group, names = publish_pair(registry)
    environment = registry.new_name("env")
    document = {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True} for name in names}}
    create(registry, environment, document)
    for answer in (registry.post(address(environment, "/freeze"), {}),
                   registry.get(address(environment, "/export?format=pylock")),
                   registry.get(address(environment, f"/export?group={group}"))):
        (error,) = refused(answer, 409, "conflict")["errors"]
        assert (error["code"], error["where"]) == ("path-conflict", f"/releases/{names[0]}")
        assert names[1] in error["message"] and "Disable one" in error["hint"]
    plugin(registry, environment, names[1], {"enabled": False})
    ok(registry.post(address(environment, "/freeze"), {}))
    ok(registry.get(address(environment, "/export")))


def test_a_package_that_moved_into_a_selected_one_is_seen_at_once(registry):
    """The answer was kept before the second package came."""
    group, first, second = registry.new_name("pair") + ".plugins", registry.new_name("pair"), registry.new_name("pair")
    assert send(registry, wheel(first, "1.0", f"[{group}]\na = {first}:x\n", files=files(first))).status == 201
    assert send(registry, wheel(second, "1.0", f"[{group}]\nb = {second}:x\n")).status == 201
    assert conflicts(registry.resolve(f"group={group}")["records"]) == {first: [], second: []}
    held = files(first) | {f"{second}.py": b"x = 1\n"}
    assert send(registry, wheel(second, "1.0", f"[{group}]\nb = {second}:x\n", "py3-none-x", files=held)).status == 201
    found = conflicts(registry.resolve(f"group={group}")["records"])
    assert [len(found[name]) for name in (first, second)] == [1, 1]
