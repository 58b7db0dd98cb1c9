# SPDX-License-Identifier: MIT
"""Start-up hooks: ours, a .start file beside a .pth file, in an environment of each Python; and the list of all hooks, also
by the rules of Pythons that are not here yet (PEP 829)."""

import json
import subprocess

import pytest
from support import python
from support.python_program import run_python

LIST = """
import json, sys
from registryclient import _startup
print(json.dumps([[hook.path.rpartition("/")[2], hook.runs, hook.note] for hook in _startup.hooks([sys.argv[1]], tuple(map(int, sys.argv[2:])))]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("site")
    (made / "plain.pth").write_text("# nothing runs\n/some/folder\n")
    (made / "alone.pth").write_text("/some/folder\nimport alone; alone.start()\n")
    (made / "both.pth").write_text("import both\n")
    (made / "both.start").write_text("\ufeff# the same\nboth:start\n\nboth.more:start\n")
    (made / ".hidden.pth").write_text("import hidden\n")
    (made / "folder.pth").mkdir()
    return made


def listed(folder, version):
    return {(name, runs): note for name, runs, note in json.loads(run_python("-c", LIST, folder, *version).out)}


def test_every_hook_is_listed_by_the_rules_of_that_python(folder):
    old, new, last = (listed(folder, version) for version in ((3, 11), (3, 15), (3, 18)))
    everything = {("alone.pth", "import alone; alone.start()"), ("both.pth", "import both"), ("both.start", "both:start"),
                  ("both.start", "both.more:start"), ("folder.pth", "unknown")}  # fmt: skip
    assert set(old) == set(new) == set(last) == everything
    alone, pth, start = ("alone.pth", "import alone; alone.start()"), ("both.pth", "import both"), ("both.start", "both:start")
    assert "3.18 and later ignore" in old[alone] and old[pth] is None and "does not run it" in old[start]
    assert "3.18 and later ignore" in new[alone] and new[pth] == "Python ignores this line" and new[start] is None
    assert last[alone] == last[pth] == "Python ignores this line" and last[start] is None


HOOKED = "import json, sys; print(json.dumps([name for name in sys.modules if name == 'registryclient._install']))"
# What Python 3.15 does with a .start file: it calls what each line names.
START = """
import pkgutil, sys
for line in open(sys.argv[1]):
    pkgutil.resolve_name(line.strip())()
import registryclient
print(registryclient.installed())
"""


@pytest.mark.parametrize("program", python.all_pythons())
def test_ours_serves_every_program_until_it_is_removed(program, tmp_path):
    """The package comes by a .pth file, as of an editable install: one that is read before ours."""
    subprocess.run([program, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    mine = tmp_path / "venv/bin/python"
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (site / "a-folder.pth").write_text(f"{python.PACKAGE_DIR}\n")
    environment = {"HOME": str(tmp_path), "REGISTRYD_MODE": "walk", "REGISTRYD_PYTHON_ENGINE": "pure"}

    def run(*arguments, **more):
        return subprocess.run([mine, *map(str, arguments)], check=True, capture_output=True, text=True, env={**environment, **more}).stdout

    told = json.loads(run("-m", "registryclient", "--format", "json", "hook", "install"))
    assert sorted(path.rpartition("/")[2] for path in told["changed"]) == ["registryclient.pth", "registryclient.start"]
    assert {hook["runs"] for hook in told["hooks"]} >= {"registryclient._startup:run"}
    assert json.loads(run("-c", HOOKED)) == ["registryclient._install"]
    assert json.loads(run("-c", HOOKED, REGISTRYD_DISABLE="1")) == ["registryclient._install"]
    assert run("-I", "-S", "-c", "import sys; sys.path.insert(0, sys.argv[2])\n" + START, site / "registryclient.start", python.PACKAGE_DIR) == "True\n"
    checks = json.loads(subprocess.run([mine, "-m", "registryclient", "--format", "json", "doctor"], capture_output=True, text=True,
                                       env={**environment, "REGISTRYD_URL": "http://127.0.0.1:9"}).stdout)  # fmt: skip
    assert {one["check"] for one in checks} >= {"engine", "hook", "start-up"}
    assert any("registryclient._startup" in one["message"] for one in checks if one["check"] == "start-up")
    assert "is active in every program" in next(one["message"] for one in checks if one["check"] == "hook")
    assert "Removed:" in run("-m", "registryclient", "hook", "remove")
    assert json.loads(run("-c", HOOKED)) == [] and sorted(path.name for path in site.iterdir() if path.suffix in (".pth", ".start")) == ["a-folder.pth"]


def test_a_hook_that_fails_stops_no_interpreter(tmp_path):
    code = "import registryclient._install as i; i.install = None\nfrom registryclient import _startup; _startup.run(); print('runs')"
    done = run_python("-c", code)
    assert done.out == "runs\n" and "The start-up hook failed" in done.err
