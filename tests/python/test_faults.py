# SPDX-License-Identifier: MIT
"""One distribution broken in each way that takes Python's own walk down or misleads it: everything else is
still listed, and the fault is named. By our entry_points, and by importlib.metadata under install()."""

import json

import pytest
from support import python

GOOD = "[group.a]\ngood = good_module:thing\n"

# fault -> (how to break the site, entry points of group.a beside `good`, codes of the diagnostics)
FAULTS = {
    "no-equals-sign": (
        lambda site: python.make_distribution(site, "broken", entry_points="[group.a]\nfirst = m:x\nno equals\nlast = m:y\n"),
        ["first", "last"], ["entry-points-no-equals-sign"],
    ),
    "not-utf-8": (
        lambda site: python.make_distribution(site, "broken", entry_points=b"[group.a]\nfirst = m:\xff\xfe\n"),
        [], ["entry-points-unreadable"],
    ),
    "not-a-reference": (
        lambda site: python.make_distribution(site, "broken", entry_points="[group.a]\nbad = not-a-module:x\nfine = m:y\n"),
        ["fine"], ["entry-point-value-invalid"],
    ),
    "stale-empty-directory": (
        lambda site: [(site / f"broken-{version}.dist-info").mkdir() for version in ("0.1", "0.9", "9.9")]
        + [python.make_distribution(site, "broken", "1.0", "[group.a]\nkept = m:x\n")],
        ["kept"], ["dist-info-empty"],
    ),
    "byte-order-mark": (
        lambda site: python.make_distribution(site, "broken", entry_points=b"\xef\xbb\xbf[group.a]\nfirst = m:x\n"),
        ["first"], ["entry-points-byte-order-mark"],
    ),
    "duplicate-name": (
        lambda site: python.make_distribution(site, "broken", entry_points="[group.a]\ntwice = m:x\ntwice = m:y\n"),
        ["twice", "twice"], ["entry-points-duplicate-name"],
    ),
    "two-paths": (
        lambda site: [python.make_distribution(site, "broken", "1.0", "[group.a]\nfirst = m:x\n"),
                      python.make_distribution(site / "second", "broken", "2.0", "[group.a]\nsecond = m:x\n")],
        ["first"], ["shadowed"],
    ),
    "not-a-file": (
        lambda site: (python.make_distribution(site, "broken") / "entry_points.txt").mkdir(),
        [], ["unreadable"],
    ),
    "too-large": (
        lambda site: python.make_distribution(site, "broken", entry_points="[group.a]\n" + "# filler\n" * 40000),
        [], ["entry-points-unreadable"],
    ),
    "link-to-itself": (
        lambda site: (python.make_distribution(site, "broken") / "entry_points.txt").symlink_to("entry_points.txt"),
        [], ["unreadable"],
    ),
}  # fmt: skip

CODE = """
import json, sys, warnings
warnings.simplefilter("error", RuntimeWarning)
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")] + sys.argv[2:]
import registryclient
if sys.argv[1] == "own":
    found = registryclient.entry_points(group="group.a")
else:
    registryclient.install(sys.argv[1])
    import importlib.metadata
    found = importlib.metadata.entry_points(group="group.a")
print(json.dumps([sorted(one.name for one in found), [str(one) for one in registryclient.diagnostics()]]))
"""

TODAY = """
import sys
sys.path[:] = [entry for entry in sys.path if not entry.endswith("packages")] + sys.argv[1:]
import importlib.metadata
print(sorted(one.name for one in importlib.metadata.entry_points(group="group.a")))
"""


@pytest.fixture
def site(tmp_path, request):
    folder = tmp_path / "site"
    python.make_distribution(folder, "good", entry_points=GOOD)
    FAULTS[request.param][0](folder)
    return folder


def ways():
    return ["own", "walk", "walk-first"]


@pytest.mark.parametrize("way", ways())
@pytest.mark.parametrize("site, fault", [(name, name) for name in FAULTS], indirect=["site"], ids=FAULTS)
def test_a_fault_costs_itself_alone(site, fault, way):
    _, others, codes = FAULTS[fault]
    programs = python.all_pythons() if way == "walk" else [python.SYSTEM]
    for program in programs:
        names, told = json.loads(python.run(CODE, way, site, site / "second", python=program).stdout)
        assert names == sorted(["good", *others]), program
        for code in codes:
            named = [line for line in told if f"[{code}]" in line]
            assert named and "broken" in named[0], (program, told)


@pytest.mark.parametrize("site", ["no-equals-sign", "not-utf-8", "byte-order-mark", "stale-empty-directory"],
                         indirect=True)  # fmt: skip
def test_the_standard_library_does_fail_on_it(site):
    """Else the faults are none. Of the directories left over, the order of the file system decides."""
    told = python.run(TODAY, site, site / "second", check=False)
    assert told.returncode != 0 or told.stdout != python.run(CODE, "own", site, site / "second").stdout


@pytest.mark.parametrize("site", ["two-paths"], indirect=True)
def test_distributions_of_one_project_are_both_listed(site):
    """pluggy goes through distributions() and takes them all; so it does under install()."""
    code = CODE.replace("found = importlib.metadata.entry_points(group=\"group.a\")", """
    found = [one for dist in importlib.metadata.distributions() for one in dist.entry_points]""")
    names, _ = json.loads(python.run(code, "walk", site, site / "second").stdout)
    assert names == ["first", "good", "second"]
