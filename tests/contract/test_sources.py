# SPDX-License-Identifier: MIT
"""What the sources may not do: end other people's processes, print from a library, build SQL, use
names outside the house's list of verbs, or speak of the machine they were written on."""

import re
from fnmatch import fnmatch

import pytest
from tree import ROOT, assert_breach, code_only, files, functions, text_of, without_comments, write_tree

# The programs may print and end; the libraries live in other people's processes.
PROGRAMS = ("registryd/main.c", "client/cli/*", "registryd/extract/main.c")
ENDS_OR_PRINTS = re.compile(
    r"\b(exit|abort|quick_exit|assert|printf|vprintf|puts|putchar|perror|system|"
    r"popen)\s*\(|\bfpr?intf\s*\(\s*std(err|out)\b|\bfputs\s*\([^;]*\bstd(err|out)\b"
)
# Never, anywhere: unbounded copies, hidden state, what depends on the locale of the process.
NEVER = re.compile(
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|setlocale|atoi|atol|longjmp|tmpnam|mktemp|"
    r"gethostbyname|localtime|gmtime)\s*\("
)
SQL_TEXT = re.compile(
    r'"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s)', re.I
)
# Exported names: the synonym -> the house's word.
VERBS = {
    "create": "new", "destroy": "free", "delete": "free", "dispose": "free", "dealloc": "free",
    "setup": "init", "initialize": "init", "initialise": "init", "deinit": "done", "fini": "done",
    "teardown": "done", "lookup": "find", "search": "find", "serialize": "encode",
    "serialise": "encode", "marshal": "encode", "deserialize": "decode", "deserialise": "decode",
    "unmarshal": "decode", "addref": "ref", "retain": "ref", "acquire": "ref",
}  # fmt: skip


def is_program(path):
    return any(fnmatch(str(path), pattern) for pattern in PROGRAMS)


def lines_of_code(root, strip=code_only, folders=("schema", "registryd", "client")):
    for path in files(root, (".c", ".h", ".cpp"), folders):
        for number, line in enumerate(strip(text_of(root, path)).splitlines(), 1):
            yield path, number, line


def library_breaches(root):
    return [
        f"{path}:{number}: a library neither ends the process nor prints: {line.strip()}"
        for path, number, line in lines_of_code(root)
        if not is_program(path) and ENDS_OR_PRINTS.search(line) and "format(printf" not in line
    ]


def never_breaches(root):
    return [
        f"{path}:{number}: not used here: {line.strip()}"
        for path, number, line in lines_of_code(root)
        if NEVER.search(line)
    ]


def sql_breaches(root):
    return [
        f"{path}:{number}: SQL belongs to sql/: {line.strip()}"
        for path, number, line in lines_of_code(root, without_comments, ("registryd",))
        if SQL_TEXT.search(line)
    ]


def verb_breaches(root):
    found = []
    for path in files(root, (".c",)):
        for function in functions(text_of(root, path)):
            module = set(path.stem.split("_"))  # the name of a module is a noun
            for word in (set(function.name.split("_")) - module) & VERBS.keys():
                if not function.is_static:
                    found.append(f"{path}:{function.line}: {function.name}: say {VERBS[word]}")
    return found


def goto_breaches(root):
    return [
        f"{path}:{number}: no goto; scoped handles close what was opened"
        for path, number, line in lines_of_code(root)
        if re.match(r"\s*goto\s+\w+;", line)
    ]


def unused_statement_breaches(root):
    used = "\n".join(text_of(root, path) for path in files(root, (".c",), ("registryd",)))
    return [
        f"{path}: no function uses SQL_{path.stem.upper()}"
        for path in files(root, (".sql",), ("sql/queries",))
        if not re.search(rf"\bSQL_{path.stem.upper()}\b", used)
    ]


STRUCT_TAG = re.compile(r"\bstruct (\w+) \{")
# Tags that still mean two things. A line goes when one of the two gets a name of its own; none comes.
OPEN_TAGS = {
    "change", "changes", "collector", "connection", "environment_edit", "facts", "matches", "page",
    "release_name", "session", "words",
}  # fmt: skip


def tag_places(root):
    """{tag: the files that define it}"""
    places = {}
    for path in files(root, (".c", ".h")):
        for tag in STRUCT_TAG.findall(code_only(text_of(root, path))):
            places.setdefault(tag, set()).add(str(path))
    return places


def tag_breaches(root):
    return [
        f"{', '.join(sorted(paths))}: struct {tag} means several things"
        for tag, paths in sorted(tag_places(root).items())
        if len(paths) > 1 and tag not in OPEN_TAGS
    ]


# Words of the place a text was written in. What a reader elsewhere cannot reach has no place here.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:(root|work|Users|workspace)/[A-Za-z]\w*|workspace|home/(?!someone)[A-Za-z]\w*)")
NUMBERED_TASK = re.compile(r"\b(part|issue|session|ticket|task|brief)s?\s+#?\d+\b", re.I)
URL_HOST = re.compile(r"https?://(?:[^/\s@\"'<>]*@)?([A-Za-z0-9.-]*[A-Za-z0-9])")
KNOWN_HOSTS = re.compile(
    r"127\.0\.0\.1|localhost|([\w-]+\.)*example(\.(org|com|net|test))?|([\w-]+\.)*test|([\w-]+\.)*invalid|"
    r"(packaging|docs|peps|www)\.python\.org|(docs\.)?pypi\.org|in-toto\.io|slsa\.dev|(www\.)?rfc-editor\.org|datatracker\.ietf\.org|"
    r"json-schema\.org|www\.w3\.org|www\.postgresql\.org|(deb|www)\.debian\.org|github\.com|keepachangelog\.com|semver\.org|spdx\.org|patroni\.readthedocs\.io|"
    r"([\w-]+\.)*amazonaws\.com|s3|[a-z]{1,12}"
)
TEXTS = (".c", ".h", ".cpp", ".py", ".sh", ".md", ".sql", ".cmake", ".txt", ".toml", ".yaml", ".json", ".in", "")
FOLDERS = ("schema", "registryd", "client", "sql", "cmake", "docs", "tests", ".ci")
TOP = ("dev", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json")


def place_breaches(root):
    paths = [path for path in files(root, TEXTS, FOLDERS) if path.parts[:2] != ("tests", "data")]
    paths += [path for name in TOP for path in [(root / name)] if path.exists()]
    found = []
    for path in paths:
        if path.name == "test_sources.py":
            continue
        text = (root / path).read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            for pattern in (MACHINE_PATH, NUMBERED_TASK):
                if pattern.search(line):
                    found.append(f"{path}:{number}: a word of one place: {pattern.search(line).group(0)}")
            for host in URL_HOST.findall(line):
                if not KNOWN_HOSTS.fullmatch(host):
                    found.append(f"{path}:{number}: an address not known to be public: {host}")
    return found


CHECKS = (
    library_breaches, never_breaches, sql_breaches, verb_breaches, goto_breaches,
    unused_statement_breaches, place_breaches, tag_breaches,
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_the_rules(check):
    assert check(ROOT) == []


@pytest.mark.parametrize(
    "check, path, line, expected",
    [
        (library_breaches, "schema/a.c", "    exit(1);", "schema/a.c:1: "),
        (library_breaches, "client/a.c", '    fprintf(stderr, "x");', "client/a.c:1: "),
        (library_breaches, "registryd/store/a.c", "    assert(x);", "registryd/store/a.c:1: "),
        (never_breaches, "client/cli/a.c", "    strcpy(a, b);", "client/cli/a.c:1: "),
        (never_breaches, "registryd/main.c", '    setlocale(LC_ALL, "");', "registryd/main.c:1: "),
        (sql_breaches, "registryd/store/a.c", '    q = "select name from x";', "registryd/store/a.c:1: "),
        (verb_breaches, "client/a.c", "int tree_create(void) {\n}", "tree_create: say new"),
        (goto_breaches, "client/a.c", "    goto out;", "client/a.c:1: "),
        (unused_statement_breaches, "sql/queries/nobody_asks.sql", "select 1", "SQL_NOBODY_ASKS"),
        (place_breaches, "docs/A.md", "see /workspace/x", "docs/A.md:1: "),
        (place_breaches, "docs/A.md", "in /work/tree", "docs/A.md:1: "),
        (place_breaches, "docs/A.md", "as Issue 7 says", "docs/A.md:1: "),
        (place_breaches, "tests/a.py", "https://mirror.corp.internal/simple", "mirror.corp.internal"),
    ],
)
def test_a_breach_is_seen(tmp_path, check, path, line, expected):
    assert_breach(check, tmp_path, {path: line + "\n"}, expected)


@pytest.mark.parametrize(
    "check, path, line",
    [
        (library_breaches, "client/cli/a.c", '    printf("x");'),
        (library_breaches, "schema/a.c", "    _exit(1); // not exit(1)"),
        (library_breaches, "schema/a.c", '    static_assert(1, "assert(");'),
        (verb_breaches, "client/a.c", "static int create_folder(void) {\n}"),
        (place_breaches, "docs/A.md", "the pointer /roots/0/path"),
        (place_breaches, "docs/A.md", "curl http://127.0.0.1:7621/v1 and https://peps.python.org/pep-0440/"),
    ],
)
def test_what_is_allowed_is_no_breach(tmp_path, check, path, line):
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(line + "\n")
    assert check(tmp_path) == []


def test_two_meanings_of_a_struct_tag_are_a_breach(tmp_path):
    write_tree(tmp_path, {
        "schema/a.c": "struct kind {\n    int a;\n};\n// struct other {\n",
        "client/b.h": "struct kind {\n    int b;\n};\nstruct other {\n    struct kind *kind;\n};\n",
    })
    assert tag_breaches(tmp_path) == ["client/b.h, schema/a.c: struct kind means several things"]


def test_the_list_of_open_tags_holds_nothing_that_is_done():
    places = tag_places(ROOT)
    assert {tag for tag in OPEN_TAGS if len(places.get(tag, ())) < 2} == set()
