# SPDX-License-Identifier: MIT
"""Writes registryd.yaml(5) from the help of the program:

    docs/man/settings.py build/bin/registryd > registryd.yaml.5"""

import re
import subprocess
import sys

from roff import escape, head, verbatim

INTRODUCTION = """.SH NAME
registryd.yaml \\- settings of registryd
.SH SYNOPSIS
.I /etc/registryd/registryd.yaml
.SH DESCRIPTION
The service
.I registryd.service
reads its settings from this YAML file: one mapping of the keys below to texts, numbers and words.
A flag of the same name, and the environment variable of a key, override it.
A key without a value counts as not set.
An unknown key or a wrong value is an error: registryd names the line and does not start.
.PP
Changes take effect at the next start:
.B systemctl restart registryd
.PP
The file may hold a password in a database URL.
Only root and the group registryd can read it.
.SH KEYS
"""

EXAMPLE = """listen: 127.0.0.1:7621
public-url: https://plugins.example.org
database-url: postgresql://registry@db.example/registry?sslmode=verify-full
threads: 2048
log-level: warning
"""

# "    --listen HOST:PORT  (default 127.0.0.1:7621)", then lines of text, then the variable
ENTRY = re.compile(r"^    --(?P<key>[a-z-]+)(?: (?P<value>[A-Z:]+))?(?: +\((?P<default>default [^)]*)\))?\n"
                   r"(?P<text>(?:        .+\n)+)", re.MULTILINE)  # fmt: skip


def entries(text):
    for match in ENTRY.finditer(text):
        *lines, variable = (line.strip() for line in match["text"].splitlines())
        default = f" ({match['default']})" if match["default"] else ""
        if match["key"] == "config":
            continue  # the file does not name another one
        yield (f".TP\n.BI {escape(match['key'])}: \" {escape(match['value'] or 'yes|no')}\"\n"
               f"{escape(' '.join(lines) + default)}.\n.br\n.B {escape(variable)}\n")  # fmt: skip


def page(program):
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    return (head("registryd.yaml", 5, "File Formats", "the table of settings") + INTRODUCTION + "".join(entries(told))
            + ".SH EXAMPLE\n" + verbatim(EXAMPLE) + ".SH SEE ALSO\n.BR registryd (8)\n")  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1]))
