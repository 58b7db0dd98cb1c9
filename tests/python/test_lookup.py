# SPDX-License-Identifier: MIT
"""entry_points() in each mode: who answers, what is kept, what is said when a source is away."""

import json

import pytest
from support import python
from support.snapshot_file import snapshot

# Of group.a: `both` is in either source, `value` and `version` differ.
ON_DISK = "[group.a]\nboth = m:both\nvalue = m:ours\nversion = m:v\nwalk = m:walk\n[group.b]\nonly = m:b\n"
IN_REGISTRY = "[group.a]\nregistry = m:registry\nboth = m:both\nvalue = m:theirs\n[group.c]\nc = m:c\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    python.make_distribution(folder / "site", "here", "1.0", ON_DISK)
    python.make_distribution(folder / "other", "there", "1.0", IN_REGISTRY)
    python.make_distribution(folder / "other", "here", "2.0", "[group.a]\nversion = m:v\n")
    python.make_snapshot(folder / "plugins.snapshot", folder / "other")
    return folder


PRELUDE = """
import json, os, sys
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")]
import registryclient
from registryclient import entry_points
def told():
    return [one.code for one in registryclient.diagnostics()]
def pairs(found):
    return [[one.name, one.value] for one in found]
"""


def run(place, code, *arguments, **more):
    more.setdefault("REGISTRYD_SNAPSHOT", place / "plugins.snapshot")
    done = python.run(PRELUDE + code, *arguments, path=[place / "site"], **more)
    return [json.loads(line) for line in done.stdout.splitlines()]


WALK = [["both", "m:both"], ["value", "m:ours"], ["version", "m:v"], ["walk", "m:walk"]]
REGISTRY = [["both", "m:both"], ["registry", "m:registry"], ["value", "m:theirs"], ["version", "m:v"]]
ANSWERS = {
    "walk": WALK,
    "walk-first": [*WALK, ["registry", "m:registry"]],
    # the package of "registry" is not installed: it takes no name from one that is
    "registry-first": [["registry", "m:registry"], ["version", "m:v"], *(one for one in WALK if one[0] != "version")],
    "registry": REGISTRY,
    "compare": WALK,
}
CODE = "print(json.dumps(pairs(entry_points(group='group.a')))); print(json.dumps(told()))"


@pytest.mark.parametrize("mode", ANSWERS)
def test_who_answers(place, mode):
    found, told = run(place, CODE, REGISTRYD_MODE=mode)
    assert found == ANSWERS[mode]
    differences = ["only-registry", "other-value", "other-version", "only-walk"]
    about_decisions = {"walk": ["decisions-not-asked"], "registry": []}.get(mode, ["decisions-unknown"])  # it was made from a walk
    about_names = {"compare": differences, "registry-first": ["shadowed", "shadowed"]}.get(mode, [])  # of both, and value
    assert told == about_decisions + about_names


@pytest.mark.parametrize("mode", ANSWERS)
def test_configure_comes_before_the_environment(place, mode):
    assert run(place, f"registryclient.configure(mode={mode!r})\n" + CODE, REGISTRYD_MODE="walk")[0] == ANSWERS[mode]


def test_walk_first_is_the_default(place):
    assert run(place, CODE)[0] == ANSWERS["walk-first"]


def test_an_unknown_mode_of_the_environment_is_told(place):
    found, told = run(place, CODE, REGISTRYD_MODE="sideways")
    assert (found, told) == (ANSWERS["walk-first"], ["mode-unknown", "decisions-unknown"])


def test_an_unknown_mode_of_the_program_is_an_error(place):
    code = """
try:
    registryclient.configure(mode="sideways")
except registryclient.RegistryError as error:
    print(json.dumps([error.code, type(error).__name__, str(error)]))
"""
    ((code, name, message),) = run(place, code)
    assert (code, name) == ("usage", "UsageError") and "registry-first" in message


def test_the_registry_can_be_switched_off(place):
    assert run(place, CODE, REGISTRYD_MODE="registry", REGISTRYD_DISABLE="1") == [WALK, ["decisions-not-asked"]]
    assert run(place, CODE, REGISTRYD_MODE="registry", REGISTRYD_DISABLE="0")[0] == REGISTRY


def test_groups_have_modes_of_their_own(place):
    code = """
registryclient.configure(mode="registry", groups=["group.a"])
print(json.dumps([pairs(entry_points(group=group)) for group in ("group.a", "group.b", "group.c")]))
registryclient.configure(groups={"group.c": "registry", "group.a": "walk-first"})
print(json.dumps([pairs(entry_points(group=group)) for group in ("group.a", "group.b", "group.c")]))
print(json.dumps(sorted({one.group for one in entry_points()})))
"""
    first, second, groups = run(place, code)
    assert first == [REGISTRY, [["only", "m:b"]], []]
    assert second == [ANSWERS["walk-first"], [["only", "m:b"]], [["c", "m:c"]]]
    assert groups == ["group.a", "group.b", "group.c"]


@pytest.mark.parametrize("mode", ANSWERS)
def test_all_groups_are_the_union_of_each(place, mode):
    code = """
whole = entry_points()
print(json.dumps([pairs(whole.select(group=group)) == pairs(entry_points(group=group)) for group in
                  ("group.a", "group.b", "group.c")]))
print(json.dumps(sorted(whole.groups)))
"""
    same, groups = run(place, code, REGISTRYD_MODE=mode)
    assert same == [True, True, True]
    expected = {"walk": ["group.a", "group.b"], "compare": ["group.a", "group.b"], "registry": ["group.a", "group.c"]}
    assert groups == expected.get(mode, ["group.a", "group.b", "group.c"])


@pytest.mark.parametrize("snapshot", ["missing", "cut", "altered", "foreign", "a directory"])
@pytest.mark.parametrize("mode", ["registry", "registry-first", "walk-first"])
def test_without_a_sound_snapshot_the_directories_answer(place, tmp_path, mode, snapshot):
    data = (place / "plugins.snapshot").read_bytes()
    path = tmp_path / "a.snapshot"
    spoiled = {"cut": data[:-100], "altered": data[:-300] + b"x" * 300, "foreign": b"no snapshot"}
    if snapshot == "a directory":
        path.mkdir()
    elif snapshot in spoiled:
        path.write_bytes(spoiled[snapshot])
    found, told = run(place, CODE, REGISTRYD_MODE=mode, REGISTRYD_SNAPSHOT=path)
    assert (found, told) == (WALK, ["registry-fallback", "decisions-unknown"])


def test_a_snapshot_that_the_pinned_key_did_not_sign_is_never_used(place):
    for key, reason in (("ab" * 32, "sign"), ("no key", "64 hexadecimal digits")):
        code = CODE + "; print(json.dumps(str(registryclient.diagnostics()[0])))"
        found, told, message = run(place, code, REGISTRYD_MODE="registry", REGISTRYD_SNAPSHOT_KEY=key)
        assert (found, told) == (WALK, ["registry-fallback", "decisions-unknown"]) and reason in message


def test_a_snapshot_that_is_replaced_answers_soon_and_a_broken_one_never(place, tmp_path):
    code = """
from registryclient import _lookup
_lookup.RECHECK_SECONDS = 0
path = os.environ["REGISTRYD_SNAPSHOT"]
def put(data):
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.replace(path + ".new", path)
first, second = (open(name, "rb").read() for name in sys.argv[1:])
put(first)
print(json.dumps(pairs(entry_points(group="group.a"))))
assert entry_points(group="group.a") is entry_points(group="group.a")
put(second)
print(json.dumps(pairs(entry_points(group="group.a"))))
put(b"broken")
print(json.dumps(pairs(entry_points(group="group.a"))))
print(json.dumps(pairs(entry_points(group="group.b"))))
print(json.dumps(told()))
put(first)
print(json.dumps(pairs(entry_points(group="group.a"))))
"""
    second = python.make_snapshot(tmp_path / "second.snapshot", place / "site")
    told = run(place, code, place / "plugins.snapshot", second, REGISTRYD_MODE="registry",
               REGISTRYD_SNAPSHOT=tmp_path / "now.snapshot")  # fmt: skip
    assert told == [REGISTRY, WALK, WALK, [["only", "m:b"]], ["registry-fallback"], REGISTRY]


def test_a_walk_sees_what_is_installed_later(place, tmp_path):
    code = """
sys.path.append(sys.argv[1])
print(json.dumps(pairs(entry_points(group="new"))))
folder = sys.argv[1] + "/late-1.0.dist-info"
os.mkdir(folder)
open(folder + "/METADATA", "w").write("Metadata-Version: 2.1\\nName: late\\nVersion: 1.0\\n")
open(folder + "/entry_points.txt", "w").write("[new]\\na = b:c\\n")
os.utime(sys.argv[1], (1, 1))
print(json.dumps(pairs(entry_points(group="new"))))
"""
    (tmp_path / "late").mkdir()
    assert run(place, code, tmp_path / "late", REGISTRYD_MODE="walk") == [[], [["a", "b:c"]]]


def test_a_warm_look_up_is_the_same_object(place):
    code = "print(json.dumps(entry_points(group='group.a') is entry_points(group='group.a')))"
    for mode in ANSWERS:
        assert run(place, code, REGISTRYD_MODE=mode) == [True], mode


RECORD = """
one = entry_points(group="group.a")["registry"]
print(json.dumps(one.registry.to_dict()))
print(json.dumps([one.dist.metadata["Name"], one.dist.version, one.dist.read_text("entry_points.txt") is not None]))
"""


def test_an_entry_point_knows_its_record_and_distribution(place):
    record, dist = run(place, RECORD, REGISTRYD_MODE="registry")
    assert record["package"] == "there" and record["version"] == "1.0" and record["name"] == "registry"
    assert record["manifest"] is None and record["warnings"] == [] and record["shadowed_by"] is None
    assert dist == ["there", "1.0", True]


LIGHT = """
import sys
import registryclient
found = registryclient.entry_points(group="group.a")
[(one.name, one.value, one.group, one.registry.package) for one in found]
print(" ".join(sys.modules))
"""


@pytest.mark.parametrize("mode", ["registry", "walk-first"])
def test_a_look_up_imports_next_to_nothing(place, mode):
    done = python.run(LIGHT, path=[place / "site"], REGISTRYD_MODE=mode, options=("-S",),
                      REGISTRYD_SNAPSHOT=place / "plugins.snapshot")  # fmt: skip
    heavy = {"importlib.metadata", "typing", "re", "pathlib", "json", "logging", "email", "inspect", "collections",
             "dataclasses", "urllib", "threading", "warnings", "functools", "zipfile",
             "registryclient._library"}  # fmt: skip
    assert set(done.stdout.split()) & heavy == set()


FACTS = """
from registryclient import facts
basic = facts.basic()
say = lambda *values: print(json.dumps(values))
say(sorted(basic), sorted(basic["markers"]))
whole = facts.collect(tags=False)
say(sorted(set(whole["markers"]) - set(basic["markers"])), whole["have"]["here"], "tags" in facts.collect(have=False))
"""


def test_what_a_question_tells_does_not_change_with_the_kernel(place):
    """Else the snapshot that is kept would be another one's after the next start of the machine."""
    (names, markers), (more, here, _) = run(place, FACTS)
    assert names == ["markers", "python"] and {"os_name", "platform_machine", "sys_platform"} <= set(markers)
    assert more == ["python_full_version", "python_version"]
    assert here == "1.0"


MANY = """
import registryclient
from registryclient import _lookup
registryclient.configure(mode="walk-first")
for number in range(10000):
    assert not registryclient.entry_points(group=f"absent.group{number}")
state = _lookup.state()
print(len(state.ready), len(state.walked.merged), len(state.walked.decided))
registryclient.configure(mode="registry")
for number in range(10000):
    assert not registryclient.entry_points(group=f"absent.group{number}")
print(len(_lookup.state().ready))
"""


def test_groups_that_are_nowhere_are_not_kept_for_ever(tmp_path):
    path = tmp_path / "plugins.snapshot"
    path.write_bytes(snapshot({"a.group": [{"name": "x", "value": "x:y", "source": "registry"}]}))
    done = python.run(MANY, REGISTRYD_SNAPSHOT=path)
    sizes = [int(word) for word in done.stdout.split()]
    assert max(sizes) <= 4096 and max(sizes) > 1000, sizes
