# SPDX-License-Identifier: MIT
"""Wheels and sdists as the build tools write them: hatchling, flit and setuptools build one project,
and what we read of the files is what Python's own readers read."""

import email
import importlib.metadata
import subprocess
import tarfile
import zipfile

import pytest
from packaging.requirements import Requirement
from release_probe import ask

PROJECT = """
[project]
name = "honeyframe_crm"
version = "1.2rc1"
description = "Kunden in größter Ordnung"
readme = "README.md"
requires-python = ">=3.9, <4"
authors = [{name = "CRM team", email = "crm@example.org"}]
keywords = ["crm", "customers"]
classifiers = ["Framework :: FastAPI", "Programming Language :: Python :: 3"]
dependencies = ["fastapi >= 0.100", "tomli; python_version < '3.11'"]

[project.optional-dependencies]
excel = ["openpyxl"]

[project.urls]
Homepage = "https://example.org/crm"

[project.scripts]
crm = "honeyframe_crm.cli:main"

[project.entry-points."honeyframe.plugins"]
crm = "honeyframe_crm:manifest"
"crm-next" = "honeyframe_crm.next:manifest"
"""

BACKENDS = {
    "hatchling.build": 'requires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "flit_core.buildapi": 'requires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n',
    "setuptools.build_meta": 'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
}

HOOK = "import sys, {0} as b; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda name: name.split(".")[0].split("_")[0])
def built(request, tmp_path_factory):
    """{"wheel": path, "sdist": path} of the project, built by one back end."""
    folder = tmp_path_factory.mktemp("project")
    out = tmp_path_factory.mktemp("dist")
    package = folder / "honeyframe_crm"
    package.mkdir()
    (folder / "pyproject.toml").write_text("[build-system]\n" + BACKENDS[request.param] + PROJECT)
    (folder / "README.md").write_text("# CRM\n\nKundschaft für alle.\n")
    (package / "__init__.py").write_text('"""Customers."""\n__version__ = "1.2rc1"\nmanifest = {}\n')
    (package / "größe.txt").write_text("x")
    result = {}
    for kind in ("sdist", "wheel"):
        command = ["/usr/bin/python3", "-c", HOOK.format(request.param), kind, out]
        run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert run.returncode == 0, run.stderr
        result[kind] = out / run.stdout.splitlines()[-1]
    return result


def read(path):
    (answer,) = ask([("artifact", path)])
    assert answer["status"] == "ok", answer
    assert not answer["errors"]
    return answer["document"]


def assert_same(document, metadata):
    """The document and an email message of core metadata."""
    assert document["name"] == metadata["Name"]
    assert document["version"] == metadata["Version"]
    assert document["summary"] == metadata["Summary"] == "Kunden in größter Ordnung"
    assert set(document["requires_python"].split(",")) == set(metadata["Requires-Python"].replace(" ", "").split(","))
    assert document["classifiers"] == metadata.get_all("Classifier")
    ours, theirs = ([Requirement(text) for text in texts]
                    for texts in (document["requires_dist"], metadata.get_all("Requires-Dist")))  # fmt: skip
    assert ours == theirs and len(ours) == 3
    assert document["keywords"] == ["crm", "customers"]
    assert document["project_urls"] == {"Homepage": "https://example.org/crm"}
    assert document["authors"] == [{"name": "CRM team", "email": "crm@example.org"}]
    assert document["description"].strip() == metadata.get_payload().strip() == "# CRM\n\nKundschaft für alle."
    assert document["description_content_type"].startswith("text/markdown")


def message(text):
    return email.message_from_string(text)


def test_wheel(built):
    document = read(built["wheel"])
    archive = zipfile.ZipFile(built["wheel"])
    folder = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")).split("/")[0]
    assert_same(document, message(archive.read(folder + "/METADATA").decode()))
    points = importlib.metadata.EntryPoints._from_text(archive.read(folder + "/entry_points.txt").decode())
    groups = {}
    for point in points:
        groups.setdefault(point.group, {})[point.name] = point.value
    assert document["entry_points"] == groups
    assert groups["honeyframe.plugins"]["crm-next"] == "honeyframe_crm.next:manifest"


def test_sdist(built):
    document = read(built["sdist"])
    with tarfile.open(built["sdist"]) as archive:
        top = archive.getnames()[0].split("/")[0]
        metadata = message(archive.extractfile(top + "/PKG-INFO").read().decode())
    if metadata.get_all("Requires-Dist"):  # setuptools before 68 leaves them out
        assert_same(document, metadata)
    assert document["entry_points"] == read(built["wheel"])["entry_points"]


def test_both_say_the_same(built):
    wheel, sdist = read(built["wheel"]), read(built["sdist"])
    for document in (wheel, sdist):
        del document["provenance"]
        document["name"] = document["name"].replace("_", "-")
    assert wheel == sdist
