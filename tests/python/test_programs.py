# SPDX-License-Identifier: MIT
"""Programs that nobody here wrote, unchanged, from Debian: with install() they find the plugins they find
without, in every mode; and in mode `registry` also where no metadata of any distribution is left to read.

A sitecustomize.py, as an administrator would write it, installs the hook before the program starts."""

import shutil
from pathlib import Path

import pytest
from support.python_program import PYTHON, run_program
from support.registryctl import registryctl
from support.sites import Site

MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
DEBIAN = Path("/usr/lib/python3/dist-packages")

SITECUSTOMIZE = f"""
import os, sys
hidden = os.environ.get("HIDDEN")
if hidden:
    sys.path[:] = [hidden if path == "{DEBIAN}" else path for path in sys.path]
if "REGISTRYD_MODE" in os.environ:
    import registryclient
    registryclient.install(allow_uninstalled=bool(hidden))
"""

# The programs' own plugins come from Debian; these stand beside them.
DISTRIBUTIONS = {
    "pytest-demo": {"pytest11": {"demo": "pytest_demo"}},
    "flake8-demo": {"flake8.extension": {"DMO": "flake8_demo:Checker"}},
    "sphinx-demo": {"sphinx.builders": {"demo": "sphinx_demo"}},
    "mkdocs-demo": {"mkdocs.plugins": {"demo": "mkdocs_demo:Demo"}, "markdown.extensions": {"demo": "markdown_demo:Demo"}},
    "tower-one": {"tower": {"one": "tower_plugins:one", "both": "tower_plugins:both"}},
    "tower-two": {"tower": {"two": "tower_plugins:two"}},
}
# Distribution -> the module that is its own.
OWN = {name: f"{name.replace('-', '_')}.py" for name in DISTRIBUTIONS}
OWN.update({"tower-one": "tower_plugins.py", "tower-two": "tower_plugins.py"})
MODULES = {
    "pytest_demo.py": """
import pytest
@pytest.fixture
def answer():
    return 42
""",
    "flake8_demo.py": """
class Checker:
    name, version = "flake8-demo", "7.1"
    def __init__(self, tree):
        pass
    def run(self):
        yield 1, 0, "DMO100 seen", type(self)
""",
    "sphinx_demo.py": """
from sphinx.builders.text import TextBuilder
class Demo(TextBuilder):
    name = "demo"
    out_suffix = ".demo"
def setup(app):
    app.add_builder(Demo)
    return {"version": "1.0"}
""",
    "mkdocs_demo.py": """
from mkdocs.plugins import BasePlugin
class Demo(BasePlugin):
    def on_page_markdown(self, markdown, **kwargs):
        return markdown + "\\n\\nAdded by the demo plugin."
""",
    "markdown_demo.py": """
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
class Loud(Preprocessor):
    def run(self, lines):
        return [line.upper() for line in lines]
class Demo(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Loud(md), "loud", 30)
""",
    "tower_plugins.py": "class one: pass\nclass two: pass\nclass both: pass\n",
}
FILES = {
    "bad.py": "import os\nx = ( 1)\n",
    "test_answer.py": "def test_answer(answer):\n    assert answer == 42\n",
    "conf.py": "project = 'Demo'\nhtml_theme = 'alabaster'\n",
    "index.rst": "Demo\n====\n\nWords.\n",
    "mkdocs.yml": "site_name: Demo\nplugins: [search, demo]\nmarkdown_extensions: [tables]\n",
    "docs/index.md": "# Demo\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
}
PLUGGY = """
import pluggy
manager = pluggy.PluginManager("tower")
manager.set_blocked("two") if BLOCK else None
print(manager.load_setuptools_entrypoints("tower", NAME))
print(sorted((dist.project_name, dist.version, dist.metadata["Name"], plugin.__name__)
             for plugin, dist in manager.list_plugin_distinfo()))
print(sorted(name for name, plugin in manager.list_name_plugin() if plugin))
"""
MARKDOWN = "import markdown; print(markdown.markdown('a | b\\n- | -\\n1 | x', extensions=['tables', 'demo']))"
ENTRY_POINTS = """
from importlib.metadata import entry_points, version
for group in ("pytest11", "flake8.extension", "mkdocs.plugins", "mkdocs.themes", "tower", "sphinx.html_themes"):
    print(group, sorted((one.name, one.value, one.dist.name, one.dist.version) for one in entry_points(group=group)))
print(version("pytest"), version("tower-one"))
"""


def pluggy_script(name=None, block=False):
    return [PYTHON, "-c", PLUGGY.replace("NAME", repr(name)).replace("BLOCK", repr(block))]


# name -> (command, what of its work is looked at beside its output)
PROGRAMS = {
    "importlib.metadata": ([PYTHON, "-c", ENTRY_POINTS], ()),
    "pluggy": (pluggy_script(), ()),
    "pluggy, one name": (pluggy_script("one"), ()),
    "pluggy, one blocked": (pluggy_script(block=True), ()),
    "pytest, its plugins": ([PYTHON, "-m", "pytest", "-VV"], ()),
    "pytest, a run": ([PYTHON, "-m", "pytest", "-v", "-p", "no:cacheprovider", "test_answer.py"], ()),
    "flake8, its plugins": (["/usr/bin/flake8", "--version"], ()),
    "flake8, a run": (["/usr/bin/flake8", "--isolated", "-j1", "bad.py"], ()),
    "sphinx": (["/usr/bin/sphinx-build", "-q", "-E", "-b", "demo", ".", "out"], ["out/index.demo"]),
    "sphinx, a theme": (["/usr/bin/sphinx-build", "-q", "-E", "-b", "html", ".", "out"], ["out/index.html"]),
    "mkdocs": (["/usr/bin/mkdocs", "-q", "build", "-d", "out"], ["out/index.html"]),
    "mkdocs, its themes": (["/usr/bin/mkdocs", "build", "--help"], ()),
    "markdown": ([PYTHON, "-c", MARKDOWN], ()),
}
# A word each must say, so that two empty answers are no success.
SAYS = {
    "importlib.metadata": "'anyio'", "pluggy": "tower-two", "pluggy, one name": "tower-one", "pluggy, one blocked": "tower-one",
    "pytest, its plugins": "pytest-demo-7.1", "pytest, a run": "'demo-7.1'", "flake8, its plugins": "mccabe: 0.7.0",
    "flake8, a run": "DMO100 seen", "sphinx": "Words.", "sphinx, a theme": "alabaster.css",
    "mkdocs": "Added by the demo plugin.", "mkdocs, its themes": "readthedocs", "markdown": "<td>X</td>",
}  # fmt: skip


class Place:
    """The folders of the distributions, the same without any metadata, and a registry that has them all,
    of which this machine keeps a snapshot."""

    def __init__(self, home, daemon):
        self.home = home
        self.site = Site(home / "site").folder
        for name, groups in DISTRIBUTIONS.items():
            own = [OWN[name], *(["markdown_demo.py"] if name == "mkdocs-demo" else [])]
            Site(self.site).add(name, "7.1", groups, {path: MODULES[path] for path in own})
        (self.site / "sitecustomize.py").write_text(SITECUSTOMIZE)
        self.hidden_site = without_metadata(self.site, home / "hidden-site")
        self.hidden_debian = without_metadata(DEBIAN, home / "hidden-debian")
        self.registry = {"REGISTRYD_URL": daemon.url, "REGISTRYD_CACHE_DIR": home / "cache"}
        published = registryctl("publish", "--all", self.site, DEBIAN, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
        assert published.code == 0, published
        # Debian's mkdocs says markdown<3.4 and runs with 3.4: what an environment states beats what is selected
        stated = daemon.put("/v1/environments/default", {"facts": {"have": {"markdown": "3.3.7"}}})
        assert stated.status == 200, stated.body
        run_program([PYTHON, "-c", "import registryclient; assert registryclient.Registry().refresh()"], **self.registry)

    def run(self, program, hide=False, **environment):
        """What the program says and makes, in a fresh folder that is always called the same."""
        command, made = PROGRAMS[program]
        folder = self.home / "work"
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        site = self.hidden_site if hide else self.site
        hidden = {"HIDDEN": self.hidden_debian} if hide else {}
        done = run_program(command, cwd=folder, code=None, PYTHONPATH=site, SOURCE_DATE_EPOCH="1700000000", COLUMNS="300",
                           **self.registry, **hidden, **environment)  # fmt: skip
        told = [done.code, cleaned(done.out, self), cleaned(done.err, self)]
        return told + [cleaned((folder / path).read_text(), self) for path in made if (folder / path).exists()]


def without_metadata(folder, target):
    """A folder with the same modules and no metadata of any distribution."""
    target.mkdir()
    for path in folder.iterdir():
        if path.suffix not in (".dist-info", ".egg-info"):
            (target / path.name).symlink_to(path)
    return target


def cleaned(text, place):
    """Without times and the order in which pytest lists its plugins, and the same whether the modules were reached through links or not."""
    for hidden, real in ((place.hidden_site, place.site), (place.hidden_debian, DEBIAN)):
        text = text.replace(str(hidden), str(real))
    lines = [line.partition(" in 0.")[0] for line in text.splitlines() if "Build Date" not in line]
    lines = [str(sorted(line[9:].split(", "))) if line.startswith("plugins: ") else line.strip("= ") for line in lines]
    return "\n".join(sorted(lines) if "setuptools registered plugins" in text else lines)


@pytest.fixture(scope="module")
def place(tmp_path_factory, daemon):
    return Place(tmp_path_factory.mktemp("programs"), daemon)


@pytest.fixture(scope="module")
def without(place):
    """What each program does alone."""
    return {program: place.run(program) for program in PROGRAMS}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_works_without(without, program):
    assert SAYS[program] in "\n".join(map(str, without[program])), without[program]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_it_finds_the_same_plugins(place, without, program, mode):
    assert place.run(program, REGISTRYD_MODE=mode) == without[program]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_registry_suffices(place, without, program):
    """Without any metadata in the file system; and without the registry the program would not work."""
    assert place.run(program, hide=True, REGISTRYD_MODE="registry") == without[program]


def test_without_metadata_and_registry_there_are_no_plugins(place):
    assert SAYS["pluggy"] not in str(place.run("pluggy", hide=True))
    assert place.run("sphinx", hide=True)[0] != 0


@pytest.mark.parametrize("program", ["importlib.metadata", "pluggy", "flake8, its plugins"])
def test_the_registry_may_be_away(place, without, daemon, program):
    """The last tests of the file: from here on nobody answers at that address."""
    if daemon.process.poll() is None:
        daemon.stop()
    assert place.run(program, hide=True, REGISTRYD_MODE="registry") == without[program]
