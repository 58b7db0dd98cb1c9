# SPDX-License-Identifier: MIT
"""Run in a fresh Python with both engines: asks each the same, and prints as JSON how much was asked and where the
answers differ. `python engine_driver.py entry-points|versions|snapshots|trees|yaml|answers FOLDER [SEED]`."""

import json
import os
import random
import sys

from registryclient import _library, _native
from registryclient._pure import calls, lookup

KEPT = 5  # differences that are printed
ROUNDS = int(os.environ.get("TEST_ENGINE_ROUNDS") or 1)  # more, for the long form


def asked(call, *arguments):
    """What a call answers; its exception's class and message otherwise."""
    try:
        return call(*arguments)
    except Exception as error:
        return [type(error).__name__, str(error)]


class Comparison:
    def __init__(self):
        self.count = self.good = 0
        self.differences = []

    def compare(self, what, native, pure, is_good=True):
        self.count += 1
        self.good += bool(is_good)
        if native != pure:
            self.differences.append([repr(what)[:300], repr(native)[:400], repr(pure)[:400]])

    def tell(self):
        print(json.dumps({"count": self.count, "good": self.good, "differences": self.differences[:KEPT],
                          "different": len(self.differences)}))  # fmt: skip


# ---- entry_points.txt ----

LINES = ["[a.b]", "[console_scripts]", "[gui_scripts]", "[[x]]", "[DEFAULT]", "a = b:c", "A = b:c", "a=b", "  x = y:z", "; c", "# c",
         "no equals", "= v", "n =", "n = m:class", "n = m:", "n = m:a [x]", "n = m:a [x, y-]", "n = m:a]", "e\u0301 = \u0301x:y",
         "z\u200b = a:b", "t\x01 = a", "p = a%b:c", "c = a:b # hi", "c = a:b ;hi", "nul\0 = x", "\ufeff[q]", "con = a:b", "../x = a:b",
         "x. = a:b", "-x = a:b", "com1.exe = a:b", "k = " + "m" * 1001, "n" * 201 + " = a", "[" + "g" * 201 + "]", "[a..b]", "[a-]",
         "[\u00e9]", "\u00a0x = y", "y = \x85 z", "w\u2028v = a", "t = a\tb:c", "s\x1c = u", "[x] = y", "m = a.b.c:d.e.f", "[]",
         "name = mod\u2126:K", "s = mod", "lambda = a.lambda:x", "x = :y", "l" * 60 + "\u00e9" * 5 + "\x7f = ?"]  # fmt: skip
ENDS = ["\n"] * 8 + ["\r\n", "\r", "\v", "\f", "\x1d", "\x85", "\u2028"]


def entry_points(told, chance, _):
    for _ in range(3000 * ROUNDS):
        count = chance.randrange(1, 9)
        text = "".join(chance.choice(["", "", " ", "\t"]) + chance.choice(LINES) + chance.choice(ENDS) for _ in range(count))
        data = text.encode("utf-8", "surrogatepass")
        if chance.random() < 0.05:
            data = data[: chance.randrange(len(data))]
        native = asked(_native.parse_entry_points, data)
        told.compare(data, native, asked(lookup.parse_entry_points, data), isinstance(native, tuple) and native[0])


# ---- versions ----


def version(chance):
    text = chance.choice(["", "v", "1!"]) + ".".join(str(chance.randrange(4)) for _ in range(chance.randrange(1, 4)))
    text += chance.choice(["", "", "", "a1", "-ALPHA_2", "rc", "b0", "c3", "pre-", "preview2", "x"])
    text += chance.choice(["", "", "", ".post1", "-2", "r3", "rev"]) + chance.choice(["", "", "", ".dev1", "dev", "_dev2"])
    return text + chance.choice(["", "", "", "+a", "+1.a", "+01_b", "+"])


def versions(told, chance, _):
    operators = ["===", "~=", "==", "!=", "<=", ">=", "<", ">", "=", ""]
    for _ in range(15000 * ROUNDS):
        wanted, pin = (version(chance), None) if chance.random() < 0.3 else (None, ",".join(
            chance.choice(operators) + chance.choice(["", " "]) + version(chance) + chance.choice(["", "", "", ".*", " "])
            for _ in range(chance.randrange(3))))  # fmt: skip
        mine = version(chance)
        native = asked(_native.version_meets, mine, wanted, pin)
        told.compare((mine, wanted, pin), native, asked(lookup.version_meets, mine, wanted, pin), native is True)


# ---- snapshots ----


def _rows_or_class(group, at):
    """The messages about broken JSON are those of two parsers."""
    rows = asked(group.findings, at)
    return rows[:1] if rows and isinstance(rows[0], str) else rows


def read_all(engine, path):
    """Everything that a snapshot file says, or why it is refused; a part that is refused costs itself alone."""
    opened = asked(engine.open_snapshot, path, None, None, None, (), None)
    if isinstance(opened, list):
        return opened
    told = [opened.origin()[:3] + opened.origin()[4:], opened.policy(), asked(opened.decisions, None), asked(opened.decisions, "b.group"),
            opened.has_group("b.group"), opened.has_group("none")]  # fmt: skip
    for name in ("a.group", "b.group", "none"):
        group = asked(opened.find, name)
        if group is None or isinstance(group, list):
            told.append(group)
            continue
        rows = range(len(group))
        told.append([group.name(), group.pairs(), group.packages(), [group.record(at) for at in rows],
                     [_rows_or_class(group, at) for at in rows]])  # fmt: skip
    return told


def snapshots(told, chance, folder):
    """Every cut and every flip of each file of the folder."""
    changed = os.path.join(folder, "changed")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        variants = [data, data + b"x", b""]
        variants += [data[:at] for at in range(0, len(data))]
        variants += [data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :] for at in range(len(data))]
        for variant in variants:
            with open(changed, "wb") as file:
                file.write(variant)
            native = read_all(_native, changed)
            told.compare((name, len(variant)), native, read_all(lookup, changed), not isinstance(native[0], str))
    os.unlink(changed)


# ---- walks ----


def shape(result):
    """The records of a walk with the codes of their errors; warnings about METADATA are the C library's alone."""
    if isinstance(result, list):
        return result
    return [(result.record(at), sorted(row[1] for row in result.findings(at) if row[0])) for at in range(len(result))]


def trees(told, _, folder):
    names = (None, "plugin-yaml", "plugin-meta", "mountaineer", "dist-info", "pyproject", "microcoreos")
    for tree in sorted(os.listdir(folder)):
        base = os.path.join(folder, tree)
        roots = [(name, os.path.join(base, name)) for name in ("install", "data") if os.path.isdir(os.path.join(base, name))]
        for convention in names:
            native = asked(_library.walk, roots, convention)
            told.compare((tree, convention), shape(native), shape(asked(calls.walk, roots, convention)), not isinstance(native, list))


VALUES = ["a", "1", "1.5", "yes", "~", "null", "'q'", '"d\\n"', "a b", "[1, 2]", "{a: 1}", "{a: {b: [c, d]}, e}", "|\n    t\n    u",
          "|-\n    t\n\n    u", ">\n    t\n    u\n\n    v", "on", "0x1f", "010", "1e3", ".inf", "a # c", "#", "'it''s'",
          "plain\n    more", "&a b", "*a", "!t x", "[a,\n  b]", "[a\n  b]", "{a: b,\n   c: d}", "\t x", "a\tb", "-", "- - x",
          "'mul\n   ti'", '"esc \\x41 \\u00e9 \\\n   z"', "[]", "{}", "a:b", "http://x/y", "@x", "%y", "a: ", "--- x", "2001-01-01", "1:30",
          "+.5", "-1", "[a: b]", "[ , ]", "{a}", "it's", "|+\n    t\n\n", ">-\n    a\n      b\n    c", "|2\n    t", ""]  # fmt: skip
KEYS = ["name", "version", "nav", "permissions", "display_name", "k", "'q k'", '"d"', "x y", "<<", "1", "routers", "seed_groups"]


def document(chance):
    lines = ["---"] if chance.random() < 0.1 else []
    for _ in range(chance.randrange(1, 6)):
        key, kind = chance.choice(KEYS), chance.random()
        if kind < 0.6:
            lines.append(f"{key}: {chance.choice(VALUES)}")
        elif kind < 0.8:
            lines.append(f"{key}:" + "".join(f"\n{' ' * chance.choice([0, 2])}- {chance.choice(VALUES)}" for _ in range(chance.randrange(3))))
        else:
            lines.append(f"{key}:" + "".join(f"\n  {chance.choice(KEYS)}: {chance.choice(VALUES)}" for _ in range(chance.randrange(3))))
    return "\n".join(lines) + chance.choice(["\n", ""])


def yaml(told, chance, folder):
    os.makedirs(os.path.join(folder, "p"), exist_ok=True)
    for _ in range(800 * ROUNDS):
        text = document(chance)
        with open(os.path.join(folder, "p", "plugin.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        native, pure = (shape(engine.walk([(None, folder)], "plugin-yaml")) for engine in (_library, calls))
        told.compare(text, native, pure, native[0][0][2] is not None)


# ---- answers of registries ----


def answers(told, _, url):
    """Each registry URL/N is asked by both; TEST_ANSWERS of them."""
    for number in range(int(os.environ["TEST_ANSWERS"])):
        connection = (f"{url}/{number}", None, None, 2000, None, None, (), (), (), False, None, False)
        made = []
        for engine in (_library, calls):
            found = asked(engine.resolve, connection, ["a.group"], None, False, (), ())
            made.append(found if isinstance(found, list) else [
                [found.record(at) for at in range(len(found))], [sorted(found.findings(at)) for at in range(len(found))],
                found.decisions(), json.loads(found.json())])  # fmt: skip
        told.compare(number, _class_alone(made[0]), _class_alone(made[1]), isinstance(made[0][0], list))


def _class_alone(answer):
    """Of a refusal the class: two parsers say in their own words what is wrong with a text."""
    return answer[:1] if isinstance(answer[0], str) else answer


if __name__ == "__main__":
    comparison = Comparison()
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    run = {"entry-points": entry_points, "versions": versions, "snapshots": snapshots, "trees": trees, "yaml": yaml, "answers": answers}[sys.argv[1]]
    run(comparison, random.Random(seed), sys.argv[2])
    comparison.tell()
