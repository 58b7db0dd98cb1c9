# SPDX-License-Identifier: MIT
"""Memory of the extension: look-ups keep it flat, references are given back, nothing is leaked or touched
out of bounds. In a build with sanitizers the whole folder runs under AddressSanitizer; here its leak checker
looks at what the extension left. Nothing is suppressed."""

import json
import re

import pytest
from support import python
from support.snapshot_file import snapshot


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    for number in range(20):
        text = f"[group.a]\nname{number} = mod{number}:thing\n[group.b]\nbad name without equals\nx = y\n"
        python.make_distribution(folder / "site", f"dist-{number}", entry_points=text)
    python.make_snapshot(folder / "plugins.snapshot", folder / "site")
    (folder / "broken.snapshot").write_bytes(b"broken")
    row = {"group": "group.a", "package": "dist-1", "name": "name1", "code": "disabled"}
    (folder / "decided.snapshot").write_bytes(snapshot({}, decisions=[row]))
    return folder


# Every call of the extension, in success and in failure.
CALLS = """
import gc, json, os, sys
import registryclient
from registryclient import _library, _native
place = sys.argv[1]
def refused(call, *arguments):
    try:
        call(*arguments)
    except (registryclient.RegistryError, TypeError, ValueError, IndexError, OverflowError, SystemError):
        return
    raise AssertionError((call, arguments))
def opened(name="plugins.snapshot"):
    return _native.open_snapshot(f"{place}/{name}", None, None, None, (), None)
HERE = ("http://127.0.0.1:9", None, None, 100, f"{place}/plugins.snapshot", "3.11", [("os_name", "posix")],
        [("host", "1.0")], ["py3-none-any"], False, "on", False)
def native():
    snapshot = opened()
    group = snapshot.find("group.a")
    assert len(group) == 20 and len(group.pairs()) == 20 and group.name() == "group.a"
    [group.record(index) for index in range(20)], [group.findings(index) for index in range(20)]
    assert snapshot.find("none") is None and snapshot.has_group("x") and len(snapshot.groups()) == 2
    snapshot.origin(), snapshot.policy(), _native.statuses(), group.packages(), snapshot.decisions(None)
    refused(snapshot.decisions, 3)
    decided = opened("decided.snapshot")
    assert [row[4] for row in decided.decisions("group.a")] == ["disabled"] and not decided.decisions("other")
    assert _native.version_meets("1.0.0", "1.0", None) and _native.version_meets("2.0", None, "<2") and not _native.version_meets("1", "x", None)
    assert _native.version_meets("no version", "1.0", None) is None
    _native.snapshot_path(None, "http://x", "e", "3.11", (("a", "b"),), "/tmp")
    _native.parse_entry_points(b"[a]\\nb = c\\nno\\n")
    refused(_native.parse_entry_points, b"\\xff"), refused(_native.parse_entry_points, "text")
    refused(opened, "broken.snapshot"), refused(opened, "none"), refused(_native.open_snapshot, "x")
    refused(_native.open_snapshot, None, None, None, None, (("a",),), None)
    refused(_native.open_snapshot, None, None, None, None, ("ab",), None)
    refused(_native.open_snapshot, None, None, None, None, 3, None)
    refused(group.record, 20), refused(group.record, -1), refused(group.record, "x"), refused(snapshot.find, 3)
    del snapshot
    assert group.record(0)[0] == "group.a"  # the group keeps its file
def library():
    result = _library.walk([("label", f"{place}/site"), (None, f"{place}/site")], "dist-info")
    [(result.record(index), result.findings(index)) for index in range(len(result))]
    result.diagnostics(), result.json(), result.withheld(), result.decisions()
    refused(_library.send, HERE, "PUT", "/v1/x", "{}", None), refused(_library.send, HERE, "BREW", "/", None, None)
    refused(_library.send, HERE, "GET", 3, None, None), refused(_library.publish, HERE, 3, None, None, False)
    assert _library.publish(HERE, f"{place}/site", None, None, False)[0] != 0
    refused(result.record, 10 ** 6), refused(result.record, -1)
    refused(_library.walk, [(None, "/no/such")], None), refused(_library.walk, ["x"], None)
    refused(_library.walk, [(None, 3)], None), refused(_library.walk, 3, None)
    refused(_library.resolve, HERE, ["group.a"], None, False, (), ()), refused(_library.resolve, HERE, [3], None, False, (), ())
    refused(_library.resolve, HERE[:3], ["group.a"], None, False, (), ())
    refused(_library.resolve, (*HERE[:6], [("a",)], (), ()), ["group.a"], None, False, (), ())
    refused(_library.resolve, HERE, ["group.a"], None, False, [3], ()), refused(_library.resolve, HERE, ["group.a"], None, False, ["a"], [3])
    refused(_library.resolve, (*HERE[:8], [3]), ["group.a"], None, False, (), ())
    refused(_library.compare, HERE, ["group.a"], None, [(None, f"{place}/site")], None)
    refused(_library.refresh, (*HERE[:4], None, *HERE[5:]))
    assert _library.state(HERE)["has_snapshot"]
    _library.discover(HERE, ["group.a"], None, [(None, f"{place}/site")], "dist-info", "registry-first").diagnostics()
    refused(_library.discover, HERE, ["group.a"], None, [], None, "sideways")
def cold():
    registryclient.configure(mode="registry", snapshot=f"{place}/plugins.snapshot")
    for one in registryclient.entry_points(group="group.a"):
        assert one.registry.to_dict()["package"]
    registryclient.diagnostics()
def kib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
"""

FLAT = CALLS + """
def measure(work, times):
    for _ in range(min(times, 100)):
        work()
    # what a cache takes once, it takes in one of the three; a leak shows in all
    return [min(told) for told in zip(*(grow(work, times) for _ in range(3)))]
def grow(work, times):
    gc.collect()
    before = sys.getallocatedblocks(), kib(), sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(times):
        work()
    gc.collect()
    after = sys.getallocatedblocks(), kib(), sys.getrefcount(None), sys.getrefcount(True)
    return [abs(b - a) if index > 1 else b - a for index, (a, b) in enumerate(zip(before, after))]
cold()
def warm():
    registryclient.entry_points(group="group.a")
    registryclient.entry_points(group="group.b", name="x")
print(json.dumps({"warm": measure(warm, 50000), "cold": measure(cold, 120), "native": measure(native, 120),
                  "library": measure(library, 80)}))
"""


def test_look_ups_keep_memory_flat(place):
    more = {"REGISTRYD_CACHE_DIR": place / "cache",
            "ASAN_OPTIONS": "detect_leaks=0:use_sigaltstack=0:quarantine_size_mb=1"}  # fmt: skip
    for program in python.all_pythons():
        told = json.loads(python.run(FLAT, place, python=program, **more).stdout)
        for work, (blocks, kib, nones, trues) in told.items():
            assert blocks < 75, (program, work, told)  # one of each turn is more
            assert kib < 2048, (program, work, told)
            assert nones < 45 and trues < 45, (program, work, told)


ONCE = CALLS + """
for _ in range(3):
    native(), library(), cold()
print("done")
"""


LEAK = """
import ctypes
allocate = ctypes.CDLL(None).malloc
allocate.restype = ctypes.c_void_p
[allocate(1000) for _ in range(10)]
last = 0
"""


def test_the_leak_checker_finds_nothing_of_ours(place):
    """The interpreter may keep memory to its end, so what counts is whether a stack of what is leaked goes
    through the extension or the library. And it does see a leak."""
    if not python.sanitizer():
        pytest.skip("a build without AddressSanitizer")
    more = {"PYTHONMALLOC": "malloc", "REGISTRYD_CACHE_DIR": place / "cache", "check": False,
            "ASAN_OPTIONS": "detect_leaks=1:use_sigaltstack=0:fast_unwind_on_malloc=0"}  # fmt: skip
    done = python.run(ONCE, place, **more)
    assert done.stdout == "done\n", done.stderr
    stacks = [stack for stack in re.split(r"\n\n", done.stderr) if "leak of" in stack]
    assert [stack for stack in stacks if "registryclient/_" in stack] == []
    assert "leak of 10000 byte(s) in 10 object(s)" in python.run(LEAK, **more).stderr
