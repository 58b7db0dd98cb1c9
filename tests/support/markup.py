# SPDX-License-Identifier: MIT
"""A page read as strictly as a person would like it written: every element closed, in order, once; and
what may never be in one of ours."""

import html.parser
import re

VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
ELEMENTS = {
    "html", "head", "title", "meta", "link", "script", "body", "header", "nav", "main", "footer", "section", "form", "label",
    "input", "select", "option", "datalist", "button", "ul", "ol", "li", "a", "span", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "pre", "code", "time", "strong", "em", "blockquote",
    "br", "wbr", "hr", "details", "summary", "svg", "line", "text", "polyline", "rect", "circle",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "name", "content", "rel", "href", "type", "src", "class", "id", "action", "method", "role", "value",
    "placeholder", "title", "data-label", "maxlength", "list", "selected", "for", "scope", "tabindex", "datetime", "points", "x", "y", "x1", "x2", "y1",
    "y2", "cx", "cy", "r", "width", "height", "text-anchor", "viewbox", "open", "checked", "required", "autocomplete",
}  # fmt: skip
LINK = re.compile(r"(https?://|mailto:)[^\s\"'<>\\]+|[/#?](?![/\\]).*|[#?/]", re.I | re.S)


class Page(html.parser.HTMLParser):
    """Fails at the first thing that is not well formed or not ours. `text` is what a person reads."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.links, self.parts = [], [], [], []
        self.is_broken_word = False  # what follows <wbr> is no new word
        assert source.startswith("<!DOCTYPE html>\n")
        self.feed(source)
        self.close()
        assert not self.open, self.open
        self.text = " ".join(" ".join(self.parts).split())

    def handle_starttag(self, tag, attributes):
        assert tag in ELEMENTS, tag
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        for name, value in attributes:
            assert name in ATTRIBUTES or name.startswith("aria-"), (tag, name)
            if name in ("href", "src", "action"):
                assert LINK.fullmatch(value), (tag, value)
                self.links.append(value)
        if tag == "script":
            assert dict(attributes)["src"].startswith("/static/"), attributes
        self.elements.append((tag, dict(attributes)))
        self.is_broken_word = tag == "wbr"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        assert self.open != ["script"] and not (self.open and self.open[-1] == "script"), data
        if self.is_broken_word:
            self.parts[-1] += data
        else:
            self.parts.append(data)
        self.is_broken_word = False

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data):
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data):
        raise AssertionError(f"a declaration: {data}")

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]
