# SPDX-License-Identifier: MIT
"""The examples are what docs/examples/README.md says: real manifests, real packages, one broken."""

import re
import tomllib

import pytest
import yaml
from tree import ROOT, text_of

EXAMPLES = ROOT / "docs/examples"
MANIFESTS = sorted(EXAMPLES.rglob("plugin.yaml"))
PROJECTS = sorted(EXAMPLES.rglob("pyproject.toml"))


def name_of(path):
    return str(path.relative_to(EXAMPLES))


def module_file(plugins, module):
    """The file of a dotted module, under the folder that stands for `plugins`."""
    return plugins.joinpath(*module.split(".")[1:]).with_suffix(".py")


def source_of(project, module):
    """The file of a dotted module of a project, with or without a folder `src`."""
    base = (project / "src" if (project / "src").is_dir() else project).joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@pytest.mark.parametrize("path", MANIFESTS, ids=name_of)
def test_a_manifest_holds(path):
    if path.parent.name == "helpdesk":
        with pytest.raises(yaml.YAMLError):
            yaml.safe_load(path.read_text())
        return
    manifest = yaml.safe_load(path.read_text())
    assert manifest["name"] == path.parent.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    for router in manifest["routers"]:
        module, attribute = router.split(":")
        source = module_file(path.parent.parent, module).read_text()
        assert re.search(rf"^{attribute} = APIRouter\(", source, re.MULTILINE)
    for group in manifest.get("seed_groups", []):
        assert set(group["permissions"]) <= set(manifest["permissions"])


@pytest.mark.parametrize("path", PROJECTS, ids=name_of)
def test_a_package_offers_what_it_names(path):
    project = tomllib.loads(path.read_text())["project"]
    references = list(project.get("scripts", {}).values())
    for group in project.get("entry-points", {}).values():
        references += group.values()
    for reference in references:
        module, attribute = reference.split(":")
        source = source_of(path.parent, module)
        assert re.search(rf"^(def |class |){attribute}\b", source.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=name_of)
def test_the_sources_are_python(path):
    compile(path.read_text(), str(path), "exec")


def test_the_page_lists_every_plugin():
    page = text_of(ROOT, "docs/examples/README.md")
    for path in MANIFESTS:
        assert f"`{path.parent.name}`" in page
    for path in PROJECTS:
        version = tomllib.loads(path.read_text())["project"]["version"]
        assert f"`{path.parent.name}` | {version} |" in page
    for path in [*EXAMPLES.glob("fastcms/plugins/*"), *EXAMPLES.glob("microcoreos/domains/*")]:
        assert f"`{path.name}`" in page


@pytest.mark.parametrize("host", ["honeyframe", "fastcms", "mountaineer", "microcoreos"])
def test_a_host_is_named_on_the_page(host):
    assert (EXAMPLES / host / "main.py").exists()
    assert f"`{host}`" in text_of(ROOT, "docs/examples/README.md")
