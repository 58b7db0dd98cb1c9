# SPDX-License-Identifier: MIT
"""TOML, type by type: what is valid is read as its value, what is invalid is refused with its line.

tomllib is the second opinion on TOML 1.0; what only TOML 1.1 has is written out with its value.
"""
import datetime
import tomllib

import pytest
from release_probe import ask

# Values, by type: each stands behind "x = ".
VALID = {
    "basic string": [
        '""', '"a"', '"a b"', r'"\b\t\n\f\r\"\\"', r'"\u00e9"', r'"\U0001F600"', '"é"', '"😀"', '"#"',
        '"[a]"', '"a\tb"', '"\'"', r'"\\u0041"', '"="', '"  "', r'"\u0001"', '"\u0080"', '"true"', '"1"',
        r'"\uD7FF\uE000"', '"a" # b',
    ],
    "multi-line basic string": [
        '""""""', '"""a"""', '"""\na"""', '"""\n\na"""', '"""a\nb\n"""', '"""a\\\n   b"""', '"""a\\  \n\n  b"""',
        '"""a"b"""', '"""a""b"""', '""""a""""', '"""""a"""""', r'"""\""""', r'"""\u00e9"""', '"""\t"""',
        '"""\\\n"""', '"""\r\na\r\nb"""', '"""#\n#"""', "'''''' # c", '"""a\\\\"""', '"""\\\n\\\na"""', '"""é"""',
    ],
    "literal string": [
        "''", "'a'", r"'C:\x'", "'\"'", "'#'", "'é'", "'a\tb'", r"'\u0041'", "'''a'''", "'''\na'''",
        "'''a\nb'''", "'''a'b'''", "'''a''b'''", "''''a''''", "'''''a'''''", r"'''\'''", "'''\r\na'''",
        "'=,[]{}'", "'''\n\n'''", "'  '",
    ],
    "integer": [
        "0", "+0", "-0", "1", "-1", "+1", "99", "1_000", "1_2_3", "9223372036854775807",
        "-9223372036854775808", "0x0", "0xDEADBEEF", "0xdead_beef", "0x7fffffffffffffff", "0o17", "0o7_7",
        "0b0", "0b1101_0110", "0o777777777777777777777", "-17", "0x00ff",
    ],
    "float": [
        "0.0", "+0.0", "-0.0", "1.5", "-1.5", "+1.5", "3.14_15", "1e6", "1E6", "1e+6", "1e-6", "6.626e-34",
        "1_000.5", "0e0", "-0e0", "9_224_617.445_991", "1e0_6", "5e-324", "1.7976931348623157e308", "0.1",
        "1.0e1", "1e06",
    ],
    "boolean": ["true", "false", "true # yes", "[true, false]", "{y = true}", "[[true], [false]]"],
    "date and time": [
        "1979-05-27T07:32:00Z", "1979-05-27t07:32:00z", "1979-05-27 07:32:00Z", "1979-05-27T07:32:00",
        "1979-05-27T07:32:00.5", "1979-05-27T07:32:00.999999", "1979-05-27T00:32:00-07:00",
        "1979-05-27T00:32:00+14:00", "1979-05-27", "07:32:00", "07:32:00.999999", "00:00:00", "23:59:59",
        "2000-02-29", "2024-02-29", "0001-01-01", "9999-12-31", "1979-05-27 00:00:00", "1987-07-05T17:45:56.123Z",
        "[1979-05-27, 07:32:00]", "1979-05-27T00:32:00.25-00:30",
    ],
    "array": [
        "[]", "[1]", "[1, 2]", "[1, 2,]", "[ 1 ,2 ]", "[\n]", "[\n1,\n2\n]", "[1, # one\n2 # two\n]", "[[]]",
        "[[1], ['a']]", "[1, 'a', true]", "['#', ']']", '["""\n]"""]', "[{a = 1}, {b = 2}]", "[1.0, 1]",
        "[\n# nothing\n]", "[[[[[]]]]]", "[inline, 1]".replace("inline", "{}"), "[1\n,2\n]", "[1979-05-27]",
    ],
    "inline table": [
        "{}", "{ }", "{a = 1}", "{a = 1, b = 2}", "{ a = 1 }", "{a.b = 1}", "{a.b = 1, a.c = 2}", "{'a b' = 1}",
        '{"" = 1}', "{a = {b = {}}}", "{a = [1, 2]}", "{a = [\n1\n]}", "{a = '}'}", "{1 = 1}", "{-a- = 1}",
        "{a = '''x\ny'''}", "{a . b = 1}", "{a = {}, b = []}", "{true = false}", "{a = 1979-05-27}",
    ],
}  # fmt: skip

INVALID = {
    "basic string": [
        '"', '"a', '"a\nb"', r'"\q"', r'"\u00"', r'"\U0000"', r'"\ud800"', r'"\U00110000"', r'"\x4"', r'"\xg0"', '"\x01"',
        '"\x7f"', '"a" b', '"a""b"', r'"\"', '"""', '"""a', '"""a""', '"""""""""', r'"""\q"""', '"""\x01"""', '"""a\\ b"""',
        '"\x00"',
    ],
    "literal string": ["'", "'a", "'a\nb'", "'a'b'", "'''", "'''a", "'''a''", "'''a''''''", "'\x01'", "'\x7f'", "'''\x01'''"],
    "integer": [
        "00", "01", "-01", "+01", "1_", "_1", "1__0", "0x", "0xg", "0x_1", "0x1_", "0o8", "0b2", "-0x1", "+0b1", "0X1",
        "0O1", "0B1", "++1", "1 2", "1a", "9223372036854775808", "-9223372036854775809",
    ],
    "float": [
        ".5", "5.", "1.e5", "1._5", "1_.5", "1.5_", "1e", "1e_5", "1e5_", "00.5", "-00.5", "1.5.5", "1e5e5", "1e1.5", "+.5",
        "Inf", "INF", "NaN", "infinity", "1 .5", "0x1.8p3",
    ],
    "boolean": ["True", "False", "TRUE", "yes", "no", "on", "tru", "truee", "t", "1true", "true1", "!true", "null", "nil", "none", "~"],
    "date and time": [
        "1979-13-01", "1979-00-01", "1979-01-32", "1979-01-00", "2023-02-29", "1900-02-29", "1979-5-27", "79-05-27",
        "1979-05-27T", "1979-05-27T24:00:00", "1979-05-27T23:60:00", "1979-05-27T7:32:00", "24:00:00", "23:60:00", "7:32:00",
        "07:3:00", "07:32:0", "07:32:00.", "07:32:00Z", "1979-05-27Z", "1979-05-27T07:32:00+24:00", "07:32.5", "07", "07:",
    ],
    "array": ["[", "[1", "[1,", "[1 2]", "[,]", "[1,,2]", "[,1]", "[1]]", "[[1]", "[1, 2", "[a]", "[a = 1]", "[1; 2]", "[1}", "[\n1\n2\n]"],
    "inline table": [
        "{", "{a", "{a = 1", "{a = 1 b = 2}", "{a}", "{a = }", "{= 1}", "{,}", "{a = 1,, b = 2}", "{, a = 1}", "{a = 1, a = 2}",
        "{a.b = 1, a = 2}", "{a = 1, a.b = 2}", "{a = 1}\nx.b = 2", "{a\n= 1}", "{a =\n1}", "{a = 1\nb = 2}", "{a = 1,\n,}",
        "{\n,}", "{a = 1 # x }", "{a.\nb = 1}", "{a: 1}", "{a = 1, # \x01\n}", "{a = 1,,}",
    ],
}  # fmt: skip

# Whole documents.
DOCUMENTS = [
    "", "\n", "# a", "\t# a\n", "a = 1", "a=1\r\nb=2\r\n", "a-b_1 = 1", "1 = 1", "'a b' = 1", '"a.b" = 1', "a.b.c = 1",
    "a . b = 1", "a.b = 1\na.c = 2", "'' = 1", '"\\u00e9" = 1', "3.14 = 1", "true = 1", "[a]", "[a]\n[b]", "[a.b]\n[a]",
    "[a]\nb = 1\n[a.c]\nd = 2", "[ a . 'b c' ]", "[[a]]", "[[a]]\n[[a]]\nb = 1", "[[a]]\n[a.b]\n[[a]]\n[[a.c]]", "[a.b.c]\n[a]\nd = 1",
    "[a]\nb.c = 1\n[a.d]", "[''.'']", "[a] # x", "a = 1 # x\n\n\n[b]", "[[a.b]]\n[a]", "a.b = 1\n[c]\na.b = 2",
]  # fmt: skip

BAD_DOCUMENTS = [
    "a", "a =", "= 1", "a = 1 b = 2", "a = 1\na = 2", "a b = 1", "a..b = 1", ".a = 1", "a. = 1", "é = 1", "a+b = 1", "a = 1\na.b = 2",
    "[a", "[]", "[a]]", "[[a]", "[a]\n[a]", "[a.]", "[.a]", "[a] b = 1", "[[a]]\n[a]", "a = []\n[[a]]", "a = {}\n[a.b]",
    "[a]\nb.c = 1\n[a.b]", "[a]\nb = 1\n[a.b]", "[a\n]", "[a b]", '"""a""" = 1', "a = 1\rb = 2", "# \x01", "a\n= 1", "[[ ]]", "[é]",
]  # fmt: skip

# What TOML 1.1 adds, with its value.
NEWER = [
    ("{\na = 1\n}", {"a": 1}), ("{a = 1,}", {"a": 1}), ("{\n  a = 1, # one\n  b = 2, # two\n}", {"a": 1, "b": 2}),
    ("{\n# nothing\n}", {}), ("{\n}", {}), ("{a = {\nb = [\n{c = 1,},\n],\n},\n}", {"a": {"b": [{"c": 1}]}}),
    ("{\r\na = 1,\r\n}", {"a": 1}), ("{a = 1\n, b = 2}", {"a": 1, "b": 2}), ("{a = '#', # '\n}", {"a": "#"}),
    ('{a = """x""""", \n}', {"a": 'x""'}), ("{a = '''\n}''',\n}", {"a": "}"}), ('{"a,}" = 1,\n}', {"a,}": 1}),
    (r'"\e"', "\x1b"), (r'"\x41\xe9"', "Aé"), (r'"""\e""" # \e', "\x1b"), (r'"a\x0Ab"', "a\nb"),
    ("07:30", "07:30:00"), ("1979-05-27T07:30", "1979-05-27T07:30:00"), ("1979-05-27 07:30Z", "1979-05-27T07:30:00Z"),
    ("1979-05-27T07:30-07:00", "1979-05-27T07:30:00-07:00"), ("[07:30, 08:00, 09:00:00]", ["07:30:00", "08:00:00", "09:00:00"]),
    ("{a=07:30}", {"a": "07:30:00"}), ('"07:30 \\e"', "07:30 \x1b"), ("[ # \\e 07:30\n07:30]", ["07:30:00"]),
]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads documents: for each [tree, whether it is TOML 1.1], or [] for what is refused."""

    def read_all(documents):
        questions = []
        for number, document in enumerate(documents):
            (tmp_path / str(number)).write_bytes(document.encode())
            questions.append(("toml", tmp_path / str(number)))
        return ask(questions)

    return read_all


def same(ours, theirs):
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, (datetime.date, datetime.time)):
        return isinstance(ours, str) and type(theirs).fromisoformat(ours) == theirs
    return type(ours) is type(theirs) and ours == theirs


def check_valid(read, documents):
    for document, answer in zip(documents, read(documents)):
        assert answer and same(answer[0], tomllib.loads(document)), (document, answer)
        assert not answer[1], f"{document!r} is TOML 1.0"


def check_invalid(read, documents):
    for document, answer in zip(documents, read(documents)):
        assert answer == [], (document, answer)


@pytest.mark.parametrize("kind", VALID)
def test_a_value_is_read(read, kind):
    check_valid(read, [f"x = {value}\n" for value in VALID[kind]] + [f"[t]\nx = {value}" for value in VALID[kind]])


@pytest.mark.parametrize("kind", INVALID)
def test_what_is_no_value_is_refused(read, kind):
    check_invalid(read, [f"x = {value}\n" for value in INVALID[kind]])


def test_a_document_is_read(read):
    check_valid(read, DOCUMENTS)


def test_what_is_no_document_is_refused(read):
    check_invalid(read, BAD_DOCUMENTS)


def test_newer_toml_is_read_and_marked(read):
    documents = [f"x = {value}\n" for value, _ in NEWER]
    for document, (_, wanted), answer in zip(documents, NEWER, read(documents)):
        assert answer and answer[0] == {"x": wanted}, (document, answer)
        assert answer[1], f"{document!r} is TOML 1.1"
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(document)  # when this Python reads 1.1: compare with it instead
