# SPDX-License-Identifier: MIT
"""Writes section 3 of the manual from the public header: registryclient(3), a page for each commented function, and
for a function without a comment of its own a link to the page of the one before it:

    docs/man/library.py client/include/registryclient.h FOLDER"""

import pathlib
import re
import sys

from roff import escape, head, verbatim

SOURCE = "client/include/registryclient.h"
COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
FUNCTION = re.compile(r"REGISTRY_API\s+(?P<head>[^;]*?\b(?P<name>registry_\w+)\([^;]*\));", re.DOTALL)
STRUCT = re.compile(r"^struct (?P<name>registry_\w+) \{\n.*?^\};\n", re.DOTALL | re.MULTILINE)
TOKEN = re.compile(rf"{COMMENT.pattern}|{FUNCTION.pattern}|^struct \w+ \{{.*?^\}};", re.DOTALL | re.MULTILINE)
HANDLES = ("registry_result", "registry_parity", "registry_answer")


def plain(comment):
    """The paragraphs of a comment, each as one line."""
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in comment.strip().splitlines()]
    return [" ".join(paragraph.split("\n")).strip() for paragraph in "\n".join(lines).split("\n\n") if paragraph.strip()]


def read(header):
    """[(name, declaration, paragraphs)]: none for a function that belongs to the one before it."""
    found, waiting = [], []
    for match in TOKEN.finditer(header):
        if match["name"]:
            declaration = re.sub(r"\n\s+", "\n    ", match["head"].strip())
            found.append((match["name"], declaration, waiting))
            waiting = []
        elif match[1] is not None:
            waiting = plain(match[1])
        else:
            waiting = []  # that comment was about a struct
    return found


def groups_of(functions):
    """Functions that share a page: the first has the comment."""
    groups = []
    for function in functions:
        if function[2] or not groups:
            groups.append([])
        groups[-1].append(function)
    return groups


def structs_in(header, declarations):
    """The definitions of the structs that these declarations name."""
    named = re.findall(r"struct (registry_\w+)", " ".join(declarations))
    return [match[0] for match in STRUCT.finditer(header) if match["name"] in named]


def first_sentence(paragraphs):
    """For the line NAME, without the full stop."""
    text = re.split(r"(?<=[a-z)`])[.:;](?:\s|$)", paragraphs[0])[0].rstrip(".")
    return text[0].lower() + text[1:] if not text[:2].isupper() else text


def description(paragraphs):
    text = "\n.PP\n".join(escape(paragraph) for paragraph in paragraphs)
    return re.sub(r"\s*Fails with: (.*?)\.?$", r"\n.SH ERRORS\n\1.", text, flags=re.DOTALL)


def function_page(header, group):
    names = [name for name, _, _ in group]
    declarations = [declaration for _, declaration, _ in group]
    text = head(names[0], 3, "Library Functions", SOURCE)
    text += f".SH NAME\n{escape(', '.join(names))} \\- {escape(first_sentence(group[0][2]))}\n"
    text += ".SH SYNOPSIS\n" + verbatim("#include <registryclient.h>\n\n" + "\n".join(f"{line};" for line in declarations))
    text += f".SH DESCRIPTION\n{description(group[0][2])}\n"
    for definition in structs_in(header, declarations):
        text += ".PP\n" + verbatim(definition)
    return text + ".SH SEE ALSO\n.BR registryclient (3)\n"


def overview(header, groups):
    first, *_ = COMMENT.finditer(header)
    introduction = plain(first[1])[1:]
    example = re.search(r"neither the network nor a directory:\n \*\n(.*?)\n \*\n", header, re.DOTALL)[1]
    text = head("registryclient", 3, "Library Functions", SOURCE)
    text += ".SH NAME\nregistryclient \\- find plugins in directories and in a registry\n"
    text += ".SH SYNOPSIS\n" + verbatim("#include <registryclient.h>\n\ncc host.c $(pkg-config --cflags --libs registryclient)")
    text += ".SH DESCRIPTION\n" + "\n.PP\n".join(map(escape, introduction[1:])) + "\n.SH FUNCTIONS\n"
    for group in groups:
        names = ", ".join(f"{name}(3)" for name, _, _ in group)
        text += f".TP\n.B {escape(names)}\n{escape(first_sentence(group[0][2]))}\n"
    text += ".SH EXAMPLE\n" + verbatim(re.sub(r"^ \*(     )?", "", example, flags=re.MULTILINE))
    return text + ".SH ERRORS\n" + verbatim(structs_in(header, ["struct registry_error"])[0]) + ".SH SEE ALSO\n.BR registryctl (1)\n"


def pages(header):
    """{name of the file: its text}"""
    groups = groups_of(read(header))
    found = {"registryclient.3": overview(header, groups)}
    for group in groups:
        found[f"{group[0][0]}.3"] = function_page(header, group)
        found.update({f"{name}.3": f".so man3/{group[0][0]}.3\n" for name, _, _ in group[1:]})
    return found


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.3"):
        old.unlink()
    for file_name, content in pages(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        (folder / file_name).write_text(content, encoding="utf-8")
