# SPDX-License-Identifier: MIT
"""Writes docs/man/registryctl.1 from the help texts of the program:

    docs/man/registryctl.py build/bin/registryctl > docs/man/registryctl.1

A test compares the page with the program (tests/cli/test_usage.py)."""

import subprocess
import sys

from roff import escape

HEAD = r""".\" SPDX-License-Identifier: MIT
.\" Made by docs/man/registryctl.py: change the help texts of the program instead.
.TH REGISTRYCTL 1 "" "registryd" "User Commands"
.SH NAME
registryctl \- publish, find and compare plugins
.SH SYNOPSIS
.B registryctl
.RI [ OPTION "...] " COMMAND " [" ARGUMENT ...]
.SH DESCRIPTION
Publishes plugins to a registry, resolves the entry points of a group, finds plugins in directories, and
compares the two. No plugin code is imported or run.
.SH COMMANDS
"""

TAIL = r""".SH ENVIRONMENT
An option overrides its variable.
.TP
.B REGISTRYD_URL
Address of the registry; default http://127.0.0.1:7621
.TP
.B REGISTRYD_TOKEN
Access token
.TP
.B REGISTRYD_INSECURE_PLAIN
1: as \-\-insecure\-plain
.TP
.B REGISTRYD_ENVIRONMENT
Environment to resolve for; default "default"
.TP
.B REGISTRYD_ENFORCE
strict, on, warn or off: how much the registry's decisions hold for plugins in directories; default on
.TP
.B REGISTRYD_STRICT
1: discovery fails when the environment is unknown
.TP
.B REGISTRYD_MODE
Mode of discover
.TP
.B REGISTRYD_CACHE_DIR
Directory for snapshots; default registryd in XDG_CACHE_HOME or ~/.cache
.TP
.B REGISTRYD_SNAPSHOT_KEY
Public key of the registry: only snapshots signed with it are accepted
.TP
.B NO_COLOR
If set, no colour is used
.SH EXAMPLES
.nf
registryctl publish dist/*.whl dist/*.tar.gz
registryctl publish \-\-all /opt/app/plugins
registryctl resolve honeyframe.plugins \-\-python 3.11 \-\-explain
registryctl compare honeyframe.plugins install=/opt/app/plugins
.fi
"""


FIELDS = "Fields of --format lines"


def help_of(program, *command):
    # A width that no line reaches, so that no line is broken.
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True,
                          env={"COLUMNS": "1000"}).stdout


def blocks_of(text):
    """{heading: its lines}; the lines before the first heading under ""."""
    headings = ("Commands", "Actions", "Options", FIELDS, "Global options", "Exit codes", "Example")
    found = {"": []}
    heading = ""
    for line in text.splitlines():
        if line in headings:
            heading = line
            found[heading] = []
        elif line.strip():
            found[heading].append(line)
    return found


def rows(lines):
    """(left, right) of lines such as "  --python VERSION       Only releases …". A long left side stands
    on a line of its own."""
    left = ""
    for line in lines:
        first, _, rest = line.strip().partition("  ")
        if left:
            first, rest, left = left, line.strip(), ""
        if rest:
            yield first, rest.strip()
        else:
            left = first


def entries(lines):
    return "".join(f".TP\n.B {escape(left)}\n{escape(right)}\n" for left, right in rows(lines))


def command_section(program, name):
    blocks = blocks_of(help_of(program, name))
    summary, usage, *description = blocks[""]
    arguments = usage.split(f"registryctl {name}", 1)[1].replace(" [OPTION...]", "")
    text = f".SS {escape(name + arguments)}\n{escape(summary)}.\n"
    text += "".join(f"{escape(line.strip())}\n" for line in description)
    for heading in ("Actions", "Options"):
        if heading in blocks:
            text += f".RS\n{entries(blocks[heading])}.RE\n"
    if FIELDS in blocks:
        text += f"{escape(FIELDS)}:\n.RS\n{entries(blocks[FIELDS])}.RE\n"
    return text


def page(program):
    blocks = blocks_of(help_of(program))
    names = [left for left, _ in rows(blocks["Commands"])]
    text = HEAD + "".join(command_section(program, name) for name in names)
    text += f".SH OPTIONS\n{entries(blocks['Global options'])}"
    text += f".SH EXIT STATUS\n{entries(line for line in blocks['Exit codes'])}"
    return text + TAIL


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1]))
