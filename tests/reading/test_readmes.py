# SPDX-License-Identifier: MIT
"""Two hundred READMEs as projects write them, and some by hand, are readable as pages; hostile ones are inert."""

import html.parser
import re
import subprocess
import time

import pytest

from support.daemon import BUILD_DIR, SOURCE_DIR
from support.readmes import corpus
from support.xss import MARK, READMES, TAGS

MARKDOWN = "text/markdown;variant=GFM"
ELEMENTS = {
    "div", "p", "h3", "h4", "h5", "h6", "a", "span", "em", "strong", "del", "sup", "sub", "kbd", "code", "pre", "ul", "ol", "li",
    "blockquote", "table", "tr", "th", "td", "br", "hr", "img", "wbr",
}  # fmt: skip
ATTRIBUTES = {"class", "id", "href", "rel", "tabindex", "aria-label", "start", "src", "alt", "loading", "referrerpolicy"}
PAGE_BYTES = 70 * 1024


class Page(html.parser.HTMLParser):
    """What a reader finds."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.source, self.text, self.open = source, "", []
        self.found = {}  # element -> texts
        self.elements, self.attributes, self.links, self.images, self.ids = set(), set(), [], [], set()
        self.feed(source.removeprefix("<!DOCTYPE html>\n"))
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        attributes = dict(attrs)
        if tag == "a":
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes["src"])
        self.ids |= {attributes["id"]} if "id" in attributes else set()
        if tag not in ("br", "hr", "img", "wbr"):
            self.open.append((tag, len(self.text)))

    def handle_endtag(self, tag):
        name, start = self.open.pop()
        assert name == tag, (name, tag)
        self.found.setdefault(tag, []).append(self.text[start:])

    def handle_data(self, data):
        self.text += data

    def texts(self, *tags):
        return [text for tag in tags for text in self.found.get(tag, [])]


def shown(*texts):
    """The pages of (type, text)."""
    asked = b"".join(f"{kind} {len(data)}\n".encode() + data for kind, text in texts for data in [text.encode()])
    answer = subprocess.run([BUILD_DIR / "tests" / "readme_probe"], input=asked, stdout=subprocess.PIPE, timeout=120, check=True).stdout
    pages = []
    while answer:
        length, _, answer = answer.partition(b"\n")
        pages.append(answer[: int(length)].decode())
        answer = answer[int(length):]
    assert len(pages) == len(texts)
    return pages


def is_inert(page):
    assert page.elements <= ELEMENTS, page.elements - ELEMENTS
    assert page.attributes <= ATTRIBUTES, page.attributes - ATTRIBUTES
    assert all(re.match(r"https?://|mailto:|#readme-", link) for link in page.links), page.links
    assert all(image.startswith("https://shown.example.org/") for image in page.images), page.images
    assert all(name.startswith("readme-") for name in page.ids), page.ids


def is_readable(readme, page):
    headings = [text.removesuffix("#") for text in page.texts("h3", "h4", "h5", "h6")]
    for heading in readme.headings:
        assert heading in headings, heading
        assert "readme-" + heading.lower().replace(" ", "-") in page.ids
    cells, blocks = page.texts("td", "th"), page.texts("pre")
    for cell in readme.cells:
        assert cell in cells, cell
    items = [text.lstrip("☑☐ ") for text in page.texts("li")]
    for item in readme.items:
        assert any(text.startswith(item) for text in items), item
    for code in readme.codes:
        assert code in blocks, code
    for text in readme.words + readme.pictures:
        assert text in page.text, text
    assert page.source.count("hl-") >= len(readme.codes)
    assert len(page.texts("sup")) >= readme.footnotes and ("footnotes" in page.source) == bool(readme.footnotes)
    rest = page.text
    for block in blocks:
        rest = rest.replace(block, "")
    for mark in ("|--", "| -", "[x]", "[ ]", "](", "**", "~~", "<img", "<p", "<a ", "<br", "<div", "<!--", "[^"):
        assert mark not in rest, mark


def test_two_hundred_readmes_are_readable():
    readmes = corpus()
    begin = time.monotonic()
    pages = shown(*((MARKDOWN, readme.text) for readme in readmes))
    assert time.monotonic() - begin < 30
    for number, (readme, source) in enumerate(zip(readmes, pages)):
        page = Page(source)
        is_inert(page)
        assert len(source.encode()) <= PAGE_BYTES
        readme.text = readme.text.replace("\r\n", "\n")
        try:
            is_readable(readme, page)
        except AssertionError as missing:
            pytest.fail(f"README {number}: {missing}\n{readme.text}\n----\n{page.text}")


def page_of(name):
    return Page(shown((MARKDOWN, (SOURCE_DIR / "tests" / "data" / "readmes" / name).read_text(encoding="utf-8")))[0])


def test_badges_details_and_alignment():
    page = page_of("badges.md")
    is_inert(page)
    assert "Courier" in page.texts("h3")[0] and {"https://example.org/ci", "https://example.org/docs", "#readme-set-up--run"} <= set(page.links)
    assert "build passing" in page.text and "With containers" in page.text and page.texts("td")[:3] == ["port", "8080", "where it listens, or a|b"]
    assert 'class="right"' in page.source and "hl-comment" in page.source and "Kept in the vault." in page.texts("li")[-1]
    assert "readme-set-up--run" in page.ids and "<" not in page.text


def test_lists_and_quotes_in_each_other():
    page = page_of("nested.md")
    is_inert(page)
    assert page.texts("h3") == ["Orchard#"] and 'x = {"a": 1}  # nested code\n' in page.texts("pre")
    assert len(page.texts("blockquote")) == 2 and "☑ a task" in page.texts("li") and "☐ another" in page.texts("li")
    assert page.texts("kbd") == ["Ctrl", "C"] and page.texts("sub") == ["2"] and page.texts("del") == ["gone"]
    assert {"http://www.example.org", "https://example.org/a_(b)", "mailto:someone@example.org", "https://img.example.org/diagram.png"} <= set(page.links)


def test_what_is_not_quite_markdown_stays_text():
    page = page_of("odd.md")
    is_inert(page)
    for text in ("#No heading without a blank", "<unknown-tag>shown as text</unknown-tag>", "no language <b>&amp;</b>", "indented code",
                 "[^missing] stays", "© <tag> 🚀", "**unclosed and `unclosed", "an unclosed fence"):  # fmt: skip
        assert text in page.text, text


@pytest.mark.parametrize("kind", [MARKDOWN, "text/x-rst", "text/plain", "file:a.py", "file:a.html", "file:a.md"])
def test_hostile_texts_are_inert(kind):
    for text, source in zip(READMES + TAGS, shown(*((kind, text) for text in READMES + TAGS))):
        page = Page(source)
        is_inert(page)
        assert MARK not in "".join(page.links + page.images + sorted(page.ids)) or re.match("https?://", "".join(page.links)), text


def test_pictures_of_an_allowed_host_alone_are_pictures():
    texts = ("https://shown.example.org/a.png", "https://shown.example.org:81/a.png", "https://shown.example.org.evil.example/a.png",
             "http://shown.example.org/a.png", "https://evil.example/shown.example.org", "//shown.example.org/a.png")  # fmt: skip
    pages = [Page(source) for source in shown(*((MARKDOWN, f"![a]({text})") for text in texts))]
    assert [len(page.images) for page in pages] == [1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("unit", ["<a '", '<a "', "<b>", "</b>", "&", "<!--", "[^a]", "[^a]: b\n\n", "`a`", "# a\n", "| a ", '"', "\\", "\n=\n", "::\n\n  a\n"])
def test_no_text_takes_long(unit):
    text = (unit * (64 * 1024 // len(unit)))[: 64 * 1024]
    for kind in (MARKDOWN, "text/x-rst", "file:a.py", "file:a.html", "file:a.sh"):
        begin = time.monotonic()
        (source,) = shown((kind, text))
        assert time.monotonic() - begin < 10 and len(source.encode()) <= PAGE_BYTES + 2048, kind
        is_inert(Page(source))
