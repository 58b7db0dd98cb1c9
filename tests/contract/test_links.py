# SPDX-License-Identifier: MIT
"""Every relative link between our pages leads somewhere, and every page is linked from README."""

import re

from tree import ROOT, assert_breach, files, text_of

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def pages(root):
    top = [path.relative_to(root) for path in sorted(root.glob("*.md"))]
    return top + files(root, (".md",), ("docs", "schema", "registryd", "client", "tests", "sql"))


def link_breaches(root):
    return [
        f"{page}: links to {target}, which is not there"
        for page in pages(root)
        for target in LINK.findall(text_of(root, page))
        if not (root / page.parent / target).exists()
    ]


def unlinked_breaches(root):
    if not (root / "README.md").exists():
        return []
    linked = set(LINK.findall(text_of(root, "README.md")))
    return [f"{path}: README.md does not link it" for path in files(root, (".md",), ("docs",))
            if len(path.parts) == 2 and str(path) not in linked]  # fmt: skip


def test_every_link_leads_somewhere():
    assert link_breaches(ROOT) == []


def test_every_page_is_linked():
    assert unlinked_breaches(ROOT) == []


def test_a_dead_link_is_seen(tmp_path):
    assert_breach(link_breaches, tmp_path, {"docs/A.md": "[b](B.md)\n"}, "docs/A.md: links to B.md")


def test_an_unlinked_page_is_seen(tmp_path):
    contents = {"README.md": "none\n", "docs/A.md": "# A\n"}
    assert_breach(unlinked_breaches, tmp_path, contents, "docs/A.md: README.md does not link it")
