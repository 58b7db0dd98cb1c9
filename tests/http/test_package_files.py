# SPDX-License-Identifier: MIT
"""What is in a wheel or sdist, and its text files, as pages: read by ranges from wherever the file is kept, by a process
with next to no rights."""

import random
import re

import pytest
from test_object_files import Stored

from support.artifacts import sdist, wheel
from support.object_store import ObjectStore
from support.registry import Registry
from support.xss import MARK

RAW = {"Content-Type": "application/octet-stream"}
HTML = {"Accept": "text/html"}
PAGE_BYTES = 100 * 1024


@pytest.fixture(scope="module", params=["database", "objects"])
def registry(request, cluster):
    if request.param == "database":
        with Registry(cluster) as running:
            yield running
        return
    with ObjectStore() as store, Stored(cluster, store) as running:
        yield running


def publish(registry, made):
    filename, data = made
    answer = registry.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)
    assert answer.status == 201, answer.body
    return filename, answer.json["package"]


def page(registry, package, query="", status=200):
    answer = registry.get(f"/packages/{package}/releases/1.0/files{query}", headers=HTML)
    assert answer.status == status, answer.body
    assert len(answer.body) <= PAGE_BYTES
    return answer.body.decode()


def test_a_wheel_is_listed_and_its_files_are_shown(registry):
    name = registry.new_name("seen")
    code = b"import os\n\n\ndef main():\n    return '<b>'  # none\n"
    filename, package = publish(registry, wheel(name, "1.0", files={f"{name}/plugin.py": code, f"{name}/x.bin": b"\x00\xff" * 9}))
    assert f"files?file={filename}" in page(registry, package)
    listed = page(registry, package, f"?file={filename}")
    assert f"{name}/plugin.py" in listed and f"{name}-1.0.dist-info/METADATA" in listed and f"{len(code)} bytes" in listed
    shown = page(registry, package, f"?file={filename}&path={name}/plugin.py")
    assert '<span class="hl-keyword">import</span> os' in shown and "&#39;&lt;b&gt;&#39;" in shown and "hl-comment" in shown
    assert page(registry, package, f"?file={filename}&path={name}/plugin.py") == shown
    assert "This file is not text" in page(registry, package, f"?file={filename}&path={name}/x.bin")


def test_an_sdist_is_listed_and_its_files_are_shown(registry):
    name = registry.new_name("source")
    filename, package = publish(registry, sdist(name, "1.0", files={"pyproject.toml": b'[project]\nname = "x"\n', "a/b.txt": b"text"}))
    listed = page(registry, package, f"?file={filename}")
    assert f"{name}-1.0/pyproject.toml" in listed and f"{name}-1.0/a/b.txt" in listed
    shown = page(registry, package, f"?file={filename}&path={name}-1.0/pyproject.toml")
    assert '<span class="hl-name">name</span> = <span class="hl-string">&quot;x&quot;</span>' in shown


def test_a_directory_that_is_longer_than_the_first_look(registry):
    """Its end is fetched first, then all of it; the page lists the first files and shows the last one."""
    name = registry.new_name("many")
    files = {f"{name}/{'long' * 20}{number:04}.txt": b"number %d" % number for number in range(1200)}
    filename, package = publish(registry, wheel(name, "1.0", files=files))
    listed = page(registry, package, f"?file={filename}")
    assert "0000.txt" in listed and "The first " in listed and "files are listed" in listed
    assert "number 1199" in page(registry, package, f"?file={filename}&path={name}/{'long' * 20}1199.txt")


def test_what_is_too_large_or_not_there(registry):
    name = registry.new_name("large")
    filename, package = publish(registry, wheel(name, "1.0", files={f"{name}.py": b"x = 1\n", "long.txt": random.Random(1).randbytes(600000).hex().encode(), "cut.txt": b"<a>\n" * 30000}))
    assert "too large to be shown" in page(registry, package, f"?file={filename}&path=long.txt")
    assert "cut here" in page(registry, package, f"?file={filename}&path=cut.txt")
    assert "no file of this path" in page(registry, package, f"?file={filename}&path=none.txt", 404)
    assert "no file of this name" in page(registry, package, "?file=none-1.0-py3-none-any.whl", 404)
    assert "no file of this path" in page(registry, package, f"?file={filename}&path=../{name}.py", 404)


def test_hostile_names_and_texts_stay_text(registry):
    name = registry.new_name("hostile")
    path = f"{name}/<img src=x onerror={MARK}>&'.html"
    filename, package = publish(registry, wheel(name, "1.0", files={f"{name}.py": b"x = 1\n", path: f"<script>{MARK}</script>".encode()}))
    listed = page(registry, package, f"?file={filename}")
    assert f"&lt;img src=x onerror={MARK}&gt;" in listed and "<img" not in listed
    address = re.search(r'href="(/packages/[^"]*path=[^"]*onerror[^"]*)"', listed).group(1).replace("&amp;", "&").replace("&#39;", "'")
    answer = registry.get(address, headers=HTML)
    assert answer.status == 200 and b"<script>" not in answer.body.replace(b'<script src="', b"") and MARK in answer.body.decode()


def test_a_quarantined_release_shows_no_files(registry):
    name = registry.new_name("held")
    filename, package = publish(registry, wheel(name, "1.0"))
    answer = registry.put(f"/v1/packages/{package}/releases/1.0/status", {"status": "quarantined", "reason": "x"})
    assert answer.status in (200, 201), answer.body
    page(registry, package, f"?file={filename}", 404)


def test_descriptions_are_made_by_the_confined_process(registry):
    name = registry.new_name("read")
    filename, package = publish(registry, wheel(name, "1.0", body="# Title\n\n| a | b |\n|---|---|\n| c | d |\n", Description_Content_Type="text/markdown"))
    for _ in range(2):
        shown = registry.get(f"/packages/{package}", headers=HTML).body.decode()
        assert 'id="readme-title"' in shown and "<td>d</td>" in shown
