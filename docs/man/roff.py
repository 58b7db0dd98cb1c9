# SPDX-License-Identifier: MIT
"""What the makers of manual pages share: text as roff wants it."""


def escape(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text[:1] in ".'" else text


def head(name, section, manual, source):
    """The first lines of a page that a program made from `source`."""
    return (f'.\\" SPDX-License-Identifier: MIT\n.\\" Made by a program from {source}: change that instead.\n'
            f'.TH {name.upper()} {section} "" "registryd" "{manual}"\n')  # fmt: skip


def verbatim(text):
    """Lines as they are, in the typeface of code."""
    return ".nf\n.ft CR\n" + "".join(f"{escape(line)}\n" for line in text.splitlines()) + ".ft\n.fi\n"
