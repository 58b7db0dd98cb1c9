# SPDX-License-Identifier: MIT
"""A stand-in for what Python 3.15 does: an entry point is validated when it is made, and asking for metadata that is not
there raises. One invalid value, or one directory that an uninstallation left, then breaks every caller of the
runtime; ours names it and gives the rest."""

import json

import pytest
from support import python

LIKE_315 = """
import importlib.metadata as m, json, sys
class MetadataNotFound(FileNotFoundError): pass
old_metadata = m.Distribution.metadata.fget
def metadata(self):
    if not (self.read_text("METADATA") or self.read_text("PKG-INFO") or self.read_text("")):
        raise MetadataNotFound("No package metadata was found.")
    return old_metadata(self)
m.Distribution.metadata = property(metadata)
class Validated(m.EntryPoint):
    def __init__(self, name, value, group):
        if not m.EntryPoint.pattern.match(value):
            raise ValueError(f"Invalid object reference {value!r}")
        super().__init__(name=name, value=value, group=group)
Validated.__qualname__ = Validated.__name__ = "EntryPoint"
m.EntryPoint = Validated
def asked(call):
    try:
        return sorted(str(one) for one in call())
    except Exception as error:
        return type(error).__name__
def say(*values):
    print(json.dumps(values))
import registryclient as r
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("like315")
    python.make_distribution(folder, "whole", entry_points="[acme.plugins]\nw = whole:f\n", files={"whole.py": "f = 1\n"})
    python.make_distribution(folder, "broken", entry_points="[acme.plugins]\nbad = not-a-module:f\n[acme.others]\ngood = broken:f\n",
                             files={"broken.py": "f = 1\n"})  # fmt: skip
    python.make_distribution(folder, "bare-one", "3.0", entry_points="[acme.others]\nbare = whole:f\n", metadata=False)
    (folder / "leftover-1.0.dist-info").mkdir()
    return folder


def run(site, code, engine, mode="walk", program=python.SYSTEM):
    done = python.run(LIKE_315 + code, path=[site], python=program, REGISTRYD_MODE=mode, REGISTRYD_PYTHON_ENGINE=engine)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_stand_in_breaks_every_caller_of_the_runtime(site):
    ((found, named),) = run(site, """
say(asked(lambda: [e.name for e in m.entry_points(group="acme.others")]), asked(lambda: [d.metadata["Name"] for d in m.distributions()]))
""", "pure")  # fmt: skip
    assert (found, named) == ("ValueError", "MetadataNotFound")


@pytest.mark.parametrize("engine", ["pure", "native"])
@pytest.mark.parametrize("mode", ["walk", "walk-first", "registry-first"])
def test_ours_names_what_is_wrong_and_gives_the_rest(site, mode, engine):
    ours, installed, told = run(site, """
def groups(of): return [asked(lambda: [e.name for e in of(group=name)]) for name in ("acme.plugins", "acme.others")]
say(groups(r.entry_points))
r.install()
mine = ("bare-one", "broken", "whole", "leftover")
say(groups(m.entry_points), asked(lambda: [d.metadata["Name"] for d in m.distributions() if d.metadata["Name"] in mine]),
    asked(lambda: [e.name for d in m.distributions() for e in d.entry_points if e.group.startswith("acme.")]))
say(sorted({row.code for row in r.diagnostics()} & {"entry-point-value-invalid", "dist-info-empty"}),
    [row.where for row in r.diagnostics() if row.code == "entry-point-value-invalid"][0])
""", engine, mode)  # fmt: skip
    assert ours == [[["w"], ["bare", "good"]]]
    assert installed == [[["w"], ["bare", "good"]], ["bare-one", "broken", "whole"], ["bare", "good", "w"]]
    assert told[0] == ["dist-info-empty", "entry-point-value-invalid"]
    assert "broken-1.0.dist-info/entry_points.txt:2" in told[1]
