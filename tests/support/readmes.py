# SPDX-License-Identifier: MIT
"""READMEs as projects write them, made anew from a seed: each with what its page must show. No text is anybody's."""

import dataclasses
import random

WORDS = ("ledger", "invoice", "courier", "parcel", "harvest", "orchard", "lantern", "anchor", "pebble", "meadow", "signal", "tunnel")
CODE = {
    "python": 'from {a} import plugin\n\n\ndef main(name="{b}"):\n    return plugin.load(name)  # {a}\n',
    "bash": '$ pip install {a}\nexport {b}_HOME="$HOME/{a}"\n',
    "toml": '[project.entry-points."{a}.plugins"]\n{b} = "{a}.plugin:plugin"\n',
    "yaml": "name: {a}\nroutes:\n  - path: /{b}\n    public: true\n",
    "json": '{{"{a}": true, "{b}": [1, 2]}}\n',
    "sql": "SELECT {a} FROM {b} WHERE id = 1; -- all\n",
    "c": '#include <{a}.h>\nint main(void) {{ return {b}(1); }}\n',
    "javascript": 'import {{ {a} }} from "./{b}.js";\nconst x = () => {a}(1);\n',
    "html": '<div class="{a}"><a href="/{b}">x</a></div>\n',
    "diff": "--- a/{a}\n+++ b/{a}\n@@ -1 +1 @@\n-{a}\n+{b}\n",
}


@dataclasses.dataclass
class Readme:
    """A text, and what a reader must find on its page."""

    text: str
    headings: list = dataclasses.field(default_factory=list)
    cells: list = dataclasses.field(default_factory=list)
    items: list = dataclasses.field(default_factory=list)
    codes: list = dataclasses.field(default_factory=list)  # of code blocks
    words: list = dataclasses.field(default_factory=list)  # anywhere in the text
    pictures: list = dataclasses.field(default_factory=list)  # what pictures show
    footnotes: int = 0


def sentence(pick):
    return " ".join(pick.choice(WORDS) for _ in range(pick.randint(4, 9))).capitalize() + "."


def add_heading(pick, readme, level):
    title = f"{pick.choice(WORDS).capitalize()} {pick.choice(WORDS)} {len(readme.headings)}"
    readme.headings.append(title)
    if level <= 2 and pick.random() < 0.2:
        return f"{title}\n{'=-'[level - 1] * len(title)}\n"
    return f"{'#' * level} {title}{' #' if pick.random() < 0.1 else ''}\n"


def add_text(pick, readme):
    word = pick.choice(WORDS)
    readme.words.append(word)
    return pick.choice((
        f"{sentence(pick)} **{word}** and *{pick.choice(WORDS)}*, or `{pick.choice(WORDS)}`.\n",
        f"See [{word}](https://example.org/{word}) or https://example.com/{word}.\n",
        f"~~{word}~~ {sentence(pick)}  \n{sentence(pick)}\n",
        f"> {word} {sentence(pick)}\n> {sentence(pick)}\n",
        f"Press <kbd>{word}</kbd>.<br>H<sub>2</sub>O and {sentence(pick)}\n",
    ))  # fmt: skip


def add_table(pick, readme):
    columns = pick.randint(2, 5)
    rows = [[f"{pick.choice(WORDS)}{row}x{column}" for column in range(columns)] for row in range(pick.randint(2, 7))]
    readme.cells += [cell for row in rows for cell in row]
    marks = [pick.choice(("---", ":--", "--:", ":-:")) for _ in range(columns)]
    bars = pick.random() < 0.8
    lines = [" | ".join(row) for row in (rows[0], marks, *rows[1:])]
    return "".join(f"| {line} |\n" if bars else f"{line}\n" for line in lines)


def add_list(pick, readme, depth=0):
    mark = pick.choice(("- ", "* ", "1. "))
    text = ""
    for number in range(pick.randint(2, 4)):
        item = f"{pick.choice(WORDS)}-{depth}-{number}-{len(readme.items)}"
        task = pick.choice(("", "", "[ ] ", "[x] ")) if mark != "1. " else ""
        readme.items.append(item)
        text += f"{'   ' * depth}{mark}{task}{item}\n"
        if depth < 2 and pick.random() < 0.3:
            text += add_list(pick, readme, depth + 1)
    return text


def add_code(pick, readme):
    language = pick.choice(list(CODE))
    code = CODE[language].format(a=pick.choice(WORDS), b=pick.choice(WORDS))
    readme.codes.append(code)
    fence = pick.choice(("```", "~~~", "````"))
    return f"{fence}{language}\n{code}{fence}\n"


def add_badges(pick, readme):
    names = [f"{pick.choice(WORDS)} badge {len(readme.pictures) + number}" for number in range(pick.randint(1, 4))]
    readme.pictures += names
    address = "https://img.example.org/{}.svg"
    if pick.random() < 0.5:
        return "\n".join(f"[![{name}]({address.format(number)})](https://example.org/{number})" for number, name in enumerate(names)) + "\n"
    inner = "\n".join(f'  <a href="https://example.org/{number}"><img src="{address.format(number)}" alt="{name}" height="20"></a>'
                      for number, name in enumerate(names))
    return f'<p align="center">\n{inner}\n</p>\n'


def add_html(pick, readme):
    word = pick.choice(WORDS)
    readme.words.append(word)
    return pick.choice((
        f"<details>\n<summary>{word}</summary>\n\n{sentence(pick)}\n\n</details>\n",
        f'<div align="center">\n<h3>{word}</h3>\n</div>\n',
        f"<!-- a comment -->\n{word}\n",
        f"<table><tr><td>{word}</td><td>{sentence(pick)}</td></tr></table>\n",
    ))  # fmt: skip


def add_footnote(pick, readme):
    readme.footnotes += 1
    word = f"{pick.choice(WORDS)}-note-{readme.footnotes}"
    readme.words.append(word)
    return f"{sentence(pick)}[^n{readme.footnotes}]\n\n[^n{readme.footnotes}]: {word}\n"


def made(seed):
    """The README of a seed: the same one for ever."""
    pick = random.Random(seed)
    readme = Readme("")
    parts = [add_heading(pick, readme, 1)]
    if pick.random() < 0.7:
        parts.append(add_badges(pick, readme))
    for _ in range(pick.randint(3, 7)):
        parts.append(add_heading(pick, readme, pick.choice((2, 2, 3, 4))))
        for _ in range(pick.randint(1, 4)):
            add = pick.choice((add_text, add_text, add_table, add_list, add_code, add_html, add_footnote))
            parts.append(add(pick, readme))
    readme.text = "\n".join(parts)
    if pick.random() < 0.1:
        readme.text = readme.text.replace("\n", "\r\n")
    return readme


def corpus(count=200):
    return [made(seed) for seed in range(count)]
