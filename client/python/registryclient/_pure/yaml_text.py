# SPDX-License-Identifier: MIT
"""YAML as manifests use it, to nodes with their lines: block and flow collections, plain, quoted and block scalars,
comments. What makes two readers of one document disagree is refused, as the C reader refuses it: anchors, aliases,
tags, merge keys, duplicate keys, tabs, further documents, complex keys. Scalars follow YAML 1.2."""

from .yaml_scalar import Node, typed_scalar

BYTES_MAX = 64 * 1024
DEPTH_MAX = 32
NODES_MAX = 5000
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
            " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}  # fmt: skip


class YamlFault(Exception):
    """The document cannot be read: `line`, `message`."""

    def __init__(self, line: int, message: str, is_syntax: bool = False):
        self.line, self.message = line, f"Not YAML: {message}" if is_syntax else message
        super().__init__(self.message)


# ---- the parser ----


class _Parser:
    def __init__(self, text: str):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.is_cut = not text.endswith("\n")  # the last line has no line end
        self.lines = text.removesuffix("\n").split("\n")
        self.at = 0  # the present line
        self.depth = 0
        self.nodes = 0

    def fail(self, message: str, line: int | None = None):
        """What is not YAML."""
        return YamlFault((self.at if line is None else line) + 1, message, True)

    def refuse(self, message: str):
        """What YAML allows and two readers of it would read in two ways."""
        return YamlFault(self.at + 1, message)

    # ---- lines ----

    def skip_blank(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            bare = line.lstrip(" ")
            if bare and not bare.startswith("#"):
                if bare[0] == "\t" and bare.strip():
                    raise self.refuse("Tabs are not allowed here, because Python hosts refuse them. Use spaces")
                if bare.strip():
                    return
            self.at += 1

    def indent(self) -> int:
        line = self.lines[self.at]
        return len(line) - len(line.lstrip(" "))

    def is_marker(self) -> bool:
        line = self.lines[self.at]
        return line[:3] in ("---", "...") and (len(line) == 3 or line[3] in " \t")

    def parse(self) -> Node:
        self.skip_blank()
        if self.at < len(self.lines) and self.lines[self.at].startswith("%"):
            raise self.refuse("Directives are not supported")
        if self.at < len(self.lines) and self.lines[self.at][:3] == "---" and self.is_marker():
            rest = self.lines[self.at][3:]
            self.lines[self.at] = "   " + rest
            self.skip_blank()
        if self.at < len(self.lines) and self.lines[self.at][:3] == "..." and self.is_marker():
            raise self.fail("There is no document")
        if self.at >= len(self.lines) or self.is_marker():
            node = Node("null", None, self.at + 1, "")
        else:
            node = self.block(-1)
        self.skip_blank()
        if self.at < len(self.lines) and self.lines[self.at][:3] == "..." and self.is_marker():
            self.at += 1
            self.skip_blank()
        if self.at < len(self.lines):
            raise self.fail("A file has one document" if self.is_marker() else "The line does not belong to what stands above it")
        return node

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.refuse(f"The document is nested deeper than {DEPTH_MAX} levels")

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > NODES_MAX:
            raise self.refuse(f"The document has more than {NODES_MAX} values")

    # ---- blocks ----

    def block(self, parent: int) -> Node:
        """The value that begins at the present line, which is indented deeper than `parent`."""
        indent = self.indent()
        line = self.lines[self.at]
        rest = line[indent:]
        if rest == "-" or rest.startswith("- "):
            return self.sequence(indent)
        if self.key_end(rest) is not None:
            return self.mapping(indent)
        return self.inline(indent, parent)

    def sequence(self, indent: int) -> Node:
        self.enter()
        node = Node("list", [], self.at + 1)
        while self.at < len(self.lines) and not self.is_marker() and self.indent() == indent:
            rest = self.lines[self.at][indent:]
            if rest != "-" and not rest.startswith("- "):
                break
            self.count()
            node.value.append(self.item(indent))
            self.skip_blank()
        if self.at < len(self.lines) and not self.is_marker() and self.indent() > indent:
            raise self.fail("The line is indented deeper than the list that it stands in")
        self.depth -= 1
        return node

    def item(self, indent: int) -> Node:
        """The "-" becomes a space, so that what follows it is a block of its own indentation."""
        line = self.lines[self.at]
        start = self.at
        self.lines[start] = line[:indent] + " " + line[indent + 1 :]
        bare = self.lines[start].strip()
        if bare and not bare.startswith("#"):
            return self.block(indent)
        self.at += 1
        return self.nested(indent, start, False)

    def mapping(self, indent: int) -> Node:
        self.enter()
        node = Node("table", {}, self.at + 1)
        while self.at < len(self.lines) and not self.is_marker() and self.indent() == indent:
            rest = self.lines[self.at][indent:]
            end = self.key_end(rest)
            if end is None or rest.startswith("- "):
                raise self.fail("A mapping needs a key and a colon here")
            key = self.key(rest[:end].strip(), node)
            self.count()
            start = self.at
            after = rest[end + 1 :]
            bare = after.strip()
            if not bare or bare.startswith("#"):
                self.at += 1
                node.value[key] = self.nested(indent, start, True)
            else:
                self.lines[start] = " " * (indent + end + 1) + after
                node.value[key] = self.inline(len(self.lines[start]) - len(self.lines[start].lstrip(" ")), indent)
            self.skip_blank()
        if self.at < len(self.lines) and not self.is_marker() and self.indent() > indent:
            raise self.fail("The line is indented deeper than the mapping that it stands in")
        self.depth -= 1
        return node

    def nested(self, indent: int, start: int, is_value: bool) -> Node:
        """What stands below a key or a dash. A list may stand at the same indentation as its key."""
        self.skip_blank()
        if self.at < len(self.lines) and not self.is_marker():
            mine = self.indent()
            rest = self.lines[self.at][mine:]
            is_list = rest == "-" or rest.startswith("- ")
            if mine > indent or (is_value and mine == indent and is_list):
                return self.block(indent)
        return Node("null", None, start + 1, "")

    def key_end(self, rest: str) -> int | None:
        """Where the colon of a key stands; None: the line begins no mapping."""
        if rest[:1] in ("'", '"'):
            end = self.quoted_end(rest)
            after = rest[end:].lstrip(" ") if end is not None else ""
            is_key = after.startswith(":") and (len(after) == 1 or after[1] in " \t")
            return len(rest) - len(after) if is_key and end is not None else None
        if rest[:1] in ("[", "{", "|", ">"):
            return None
        if rest == "?" or rest.startswith("? "):
            raise self.refuse("Complex keys are not supported")
        for at, char in enumerate(rest):
            if char == "#" and at and rest[at - 1] in " \t":
                return None
            if char == ":" and (at + 1 == len(rest) or rest[at + 1] in " \t"):
                return at
        return None

    def quoted_end(self, rest: str) -> int | None:
        quote, at = rest[0], 1
        while at < len(rest):
            if rest[at] == "\\" and quote == '"':
                at += 2
                continue
            if rest[at] == quote:
                if quote == "'" and rest[at + 1 : at + 2] == "'":
                    at += 2
                    continue
                return at + 1
            at += 1
        return None

    def key(self, text: str, node: Node) -> str:
        if text[:1] in ("'", '"'):
            key = _Flow(self, text, self.at).quoted()
        else:
            self.refuse_marks(text)
            key = text
            if not key:
                raise self.fail("A key is missing")
        if key == "<<" and text[:1] not in ("'", '"'):
            raise self.refuse("Merge keys (<<) are not supported. Write the keys out")
        if key in node.value:
            raise self.refuse(f'Duplicate key "{key[:100]}"')
        return key

    def refuse_marks(self, text: str) -> None:
        if text[:1] in ("&", "*"):
            raise self.refuse("Anchors and aliases are not supported. Write the value out")
        if text[:1] == "!":
            raise self.refuse("Tags are not supported. Remove the tag")
        if text[:1] in ("%", "@", "`", "}", "]", ","):
            raise self.fail(f'A value must not begin with "{text[0]}". Put it in quotes')
        if "\t" in text:
            raise self.refuse("Tabs are not allowed here, because Python hosts refuse them. Use spaces")

    # ---- values ----

    def inline(self, column: int, parent: int) -> Node:
        """The value that begins at a column of the present line."""
        rest = self.lines[self.at][column:]
        if rest[:1] in ("|", ">"):
            return self.block_scalar(rest, parent)
        if rest[:1] in ("[", "{", "'", '"'):
            flow = _Flow(self, "\n".join([rest, *self.lines[self.at + 1 :]]), self.at, parent)
            node = flow.value()
            flow.finish()
            return node
        return self.plain(rest, parent)

    def plain(self, rest: str, parent: int) -> Node:
        """A plain scalar, which goes on in deeper lines."""
        start = self.at
        text = _without_comment(rest)
        has_comment = len(text) < len(rest.rstrip())
        text = text.rstrip(" ")
        self.refuse_marks(text)
        if text == "-" or text.startswith(("- ", "? ")) or self._is_pair(text):
            raise self.fail("A mapping or a list cannot begin here")
        self.at += 1
        breaks = 0
        while self.at < len(self.lines) and not has_comment:
            line = self.lines[self.at]
            bare = line.strip(" ")
            if not bare:
                breaks += 1
                self.at += 1
                continue
            if self.indent() <= parent or bare.startswith("#") or self.is_marker():
                break
            more = _without_comment(bare)
            has_comment = len(more) < len(bare)
            more = more.rstrip(" ")
            if "\t" in more:
                raise self.refuse("Tabs are not allowed here, because Python hosts refuse them. Use spaces")
            if self._is_pair(more):
                raise self.fail("A mapping cannot begin here")
            text += ("\n" * breaks if breaks else " ") + more
            breaks = 0
            self.at += 1
        return typed_scalar(text, start + 1)

    @staticmethod
    def _is_pair(text: str) -> bool:
        return ": " in text or text.endswith(":")

    def block_scalar(self, head: str, parent: int) -> Node:
        start = self.at
        header = _without_comment(head).strip()
        style, marks = header[0], header[1:]
        chomp = next((mark for mark in marks if mark in "+-"), "")
        digit = next((mark for mark in marks if mark in "123456789"), "")
        if len(marks) != len(chomp) + len(digit):
            raise self.fail("What follows | or > is not known")
        self.at += 1
        first, indent = self.at, max(parent, 0) + int(digit) if digit else 0
        while self.at < len(self.lines):
            if self.lines[self.at].strip(" "):
                if self.indent() <= parent or self.indent() < indent or self.is_marker():
                    break
                indent = indent or self.indent()
            self.at += 1
        lines = self.lines[first : self.at]
        if not digit and any(len(line) > indent for line in _leading_blank(lines)):
            raise self.fail("An empty line before the text is indented deeper than the text", first)
        text = _block_text([line[indent:] for line in lines], style, chomp)
        is_last = self.at == len(self.lines) and self.is_cut and lines and lines[-1].strip(" ")
        return Node("string", text.removesuffix("\n") if is_last else text, start + 1)


def _leading_blank(lines: list[str]) -> list[str]:
    found = []
    for line in lines:
        if line.strip(" "):
            return found
        found.append(line)
    return []


def _block_text(body: list[str], style: str, chomp: str) -> str:
    trailing = 0
    while body and not body[-1].strip(" "):
        body.pop()
        trailing += 1
    if not body:
        return "\n" * trailing if chomp == "+" else ""
    text = "\n".join(body) if style == "|" else _fold(body)
    return text + ("" if chomp == "-" else "\n" + "\n" * (trailing if chomp == "+" else 0))


def _fold(lines: list[str]) -> str:
    """Lines of a folded scalar: one break becomes a space, but not around lines that are indented deeper."""
    text, at = "", 0
    previous: str | None = None
    while at < len(lines):
        breaks = 0
        while at < len(lines) and not lines[at]:
            breaks += 1
            at += 1
        line = lines[at]
        if previous is None:
            text = "\n" * breaks + line
        elif previous[:1] in " \t" or line[:1] in " \t":
            text += "\n" * (breaks + 1) + line
        else:
            text += ("\n" * breaks if breaks else " ") + line
        previous = line
        at += 1
    return text


def _without_comment(text: str) -> str:
    for at, char in enumerate(text):
        if char == "#" and (at == 0 or text[at - 1] in " \t"):
            return text[:at]
    return text


class _Flow:
    """Quoted scalars and flow collections, which may go over several lines."""

    def __init__(self, parser: _Parser, text: str, line: int, parent: int = -1):
        self.parser, self.text, self.line, self.parent = parser, text, line, parent
        self.at = 0

    def fail(self, message: str):
        return YamlFault(self.line + 1, message, True)

    def refuse(self, message: str):
        return YamlFault(self.line + 1, message)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def step(self) -> str:
        char = self.peek()
        self.line += char == "\n"
        self.at += 1
        return char

    def skip(self) -> None:
        while self.peek():
            char = self.peek()
            if char == "#" and (self.at == 0 or self.text[self.at - 1] in " \n"):
                while self.peek() not in ("", "\n"):
                    self.step()
            elif char == "\t":
                raise self.refuse("Tabs are not allowed here, because Python hosts refuse them. Use spaces")
            elif char not in " \n":
                return
            else:
                self.step()

    def finish(self) -> None:
        """Nothing but a comment may stand behind the value; the parser goes on in the next line."""
        end = self.text.find("\n", self.at)
        rest = self.text[self.at : end if end >= 0 else None]
        bare = rest.strip(" ")
        if bare and not (bare.startswith("#") and rest[:1] == " "):
            raise self.fail("Something stands behind the value")
        self.parser.at = self.line + 1

    def value(self) -> Node:
        self.parser.count()
        char = self.peek()
        if char == "[":
            return self.list()
        if char == "{":
            return self.table()
        line = self.line + 1
        if char in ("'", '"'):
            return Node("string", self.quoted(), line)
        return self.plain()

    def list(self) -> Node:
        self.parser.enter()
        node = Node("list", [], self.line + 1)
        self.step()
        while True:
            self.skip()
            if self.peek() == "]":
                break
            node.value.append(self.list_item())
            if self.peek() == ",":
                self.step()
            elif self.peek() != "]":
                raise self.fail("A list is not closed, or a comma is missing")
        self.step()
        self.parser.depth -= 1
        return node

    def list_item(self) -> Node:
        """A value, or a pair, which is a mapping of its own: [a: b]."""
        is_quoted, line = self.peek() in ("'", '"'), self.line
        one = self.value()
        self.skip()
        if self.peek() != ":":
            return one
        if self.line != line:
            raise self.fail("A list is not closed, or a comma is missing")
        if one.kind in ("table", "list"):
            raise self.refuse("Complex keys are not supported")
        self.step()
        self.skip()
        pair = Node("table", {}, line + 1)
        is_empty = self.peek() in (",", "]")
        pair.value[one.value if is_quoted else one.text or ""] = Node("null", None, self.line + 1, "") if is_empty else self.value()
        self.skip()
        return pair

    def table(self) -> Node:
        self.parser.enter()
        node = Node("table", {}, self.line + 1)
        self.step()
        while True:
            self.skip()
            if self.peek() == "}":
                break
            if self.peek() == "?":
                raise self.refuse("Complex keys are not supported")
            is_quoted = self.peek() in ("'", '"')
            key = self.value()
            if key.kind in ("table", "list"):
                raise self.refuse("Complex keys are not supported")
            text = key.value if is_quoted else key.text or ""
            if text == "<<" and not is_quoted:
                raise self.refuse("Merge keys (<<) are not supported. Write the keys out")
            if text in node.value:
                raise self.refuse(f'Duplicate key "{text[:100]}"')
            self.skip()
            node.value[text] = Node("null", None, self.line + 1, "")
            if self.peek() == ":":
                self.step()
                self.skip()
                if self.peek() not in (",", "}"):
                    node.value[text] = self.value()
            self.skip()
            if self.peek() == ",":
                self.step()
            elif self.peek() != "}":
                raise self.fail("A mapping is not closed, or a comma is missing")
        self.step()
        self.parser.depth -= 1
        return node

    def plain(self) -> Node:
        """A plain scalar, which may go on in the next line."""
        line, text = self.line, self.plain_line()
        while self.peek() == "\n" and text:
            at, here = self.at, self.line
            breaks = self._skip_breaks()
            more = self.plain_line() if self.peek() and self.peek() not in "#,[]{}" else ""
            if not more:
                self.at, self.line = at, here
                break
            text += ("\n" * (breaks - 1) if breaks > 1 else " ") + more
        if not text or text in ("-", "?"):
            raise self.fail("A value is missing")
        try:
            self.parser.refuse_marks(text)
        except YamlFault as fault:
            raise YamlFault(self.line + 1, fault.message) from None
        return typed_scalar(text, line + 1)

    def _skip_breaks(self) -> int:
        breaks = 0
        while self.peek() and self.peek() in " \n":
            breaks += self.step() == "\n"
        if self.text[self.at : self.at + 3] in ("---", "...") and self.text[self.at - 1] == "\n":
            raise self.fail("A list or mapping is not closed")
        return breaks

    def plain_line(self) -> str:
        start = self.at
        while self.peek():
            char, after = self.peek(), self.text[self.at + 1 : self.at + 2]
            if char in ",[]{}\n" or (char == ":" and after in ("", " ", "\n", ",", "]", "}", "[", "{")) or (
                char == "#" and self.at and self.text[self.at - 1] == " "):  # fmt: skip
                break
            self.step()
        return self.text[start : self.at].strip(" ")

    # ---- quoted ----

    def quoted(self) -> str:
        quote, made = self.step(), ""
        while True:
            char = self.peek()
            if not char:
                raise self.fail("A quote is not closed")
            if char == "\n":
                made = self.fold_line(made)
                continue
            self.step()
            if char == quote:
                if quote == "'" and self.peek() == "'":
                    self.step()
                    made += "'"
                    continue
                return made
            if char == "\\" and quote == '"':
                made += self.escape()
                continue
            made += char

    def fold_line(self, made: str) -> str:
        breaks = 0
        while self.peek() in (" ", "\n", "\t") and self.peek():
            breaks += self.step() == "\n"
        if breaks and self.text[self.at : self.at + 3] in ("---", "..."):
            raise self.fail("A quote is not closed")
        return made.rstrip(" \t") + ("\n" * (breaks - 1) if breaks > 1 else " ")

    def escape(self) -> str:
        char = self.step()
        if char == "\n":
            while self.peek() in (" ", "\t") and self.peek():
                self.step()
            return ""
        length = {"x": 2, "u": 4, "U": 8}.get(char, 0)
        if length:
            digits = self.text[self.at : self.at + length]
            self.at += length
            if len(digits) != length or any(one not in "0123456789abcdefABCDEF" for one in digits):
                raise self.fail("An escape needs hexadecimal digits")
            number = int(digits, 16)
            if number > 0x10FFFF or 0xD800 <= number < 0xE000:
                raise self.fail("An escape names no character")
            return chr(number)
        if char not in _ESCAPES:
            raise self.fail(f'The escape "\\{char}" is not known')
        return _ESCAPES[char]


def parse(data: bytes) -> Node:
    """The document. Raises YamlFault."""
    if len(data) > BYTES_MAX:
        raise YamlFault(1, f"The file has {len(data)} bytes; the limit is {BYTES_MAX}")
    if b"\0" in data:
        raise YamlFault(data[: data.index(b"\0")].count(b"\n") + 1, "The file contains a NUL byte")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise YamlFault(data[: error.start].count(b"\n") + 1, "The file is not UTF-8") from None
    for at, char in enumerate(text):
        if char < " " and char not in "\t\n\r" or char == "\x7f":
            raise YamlFault(text[:at].count("\n") + 1, "The file has a control character")
    return _Parser(text).parse()
