# SPDX-License-Identifier: MIT
"""Who may include whom, and which file owns which library (docs/ARCHITECTURE.md, "Rooms")."""

import re
from fnmatch import fnmatch

import pytest
from tree import ROOT, assert_breach, code_only, files, includes, text_of

# What the store shows of itself.
STORE = ("registryd/store/store.h", "registryd/store/store_lifecycle.h",
         "registryd/store/store_environments.h", "registryd/store/store_access.h",
         "registryd/store/store_audit.h", "registryd/store/store_search.h",
         "registryd/store/store_candidates.h",
         "registryd/store/store_report_history.h")

# Room -> what its files may include of ours. The first row that fits a file counts.
MAY_INCLUDE = (
    ("schema/base/*", ("schema/base/*",)),
    ("schema/packaging/*", ("schema/base/*", "schema/packaging/*")),
    ("schema/*", ("schema/*",)),
    ("registryd/http/routes.c", ("schema/base/*", "registryd/api/*", "registryd/http/*", "registryd/web/*.h")),
    ("registryd/http/*", ("schema/base/*", "registryd/api/*", "registryd/http/*")),
    ("registryd/web/*", ("schema/*", "registryd/web/*", "registryd/api/*", "registryd/index/*", *STORE, "web_table.h")),
    ("registryd/api/*", ("schema/*", "registryd/api/*", "registryd/index/*", *STORE,
                         "registryd/extract/extractor.h")),
    ("registryd/index/*", ("schema/*", "registryd/index/*", *STORE)),
    ("registryd/store/*", ("schema/*", "registryd/store/*", "sql_table.h")),
    ("registryd/extract/*", ("schema/*", "registryd/extract/*")),
    ("registryd/*", ("schema/*", "registryd/*")),
    ("client/cli/*", ("schema/*", "client/*")),
    ("client/*", ("schema/*", "client/*")),
)

# Third-party header -> the files that may name it: one owner each, so that a library is one file to
# replace. Two exceptions: jansson is our data type at the edges; sodium (hashes, base64, random bytes,
# constant-time compare) has named users.
SODIUM = (
    "schema/digest.c", "schema/digest_short.c", "schema/signature.c", "schema/release*.c", "registryd/main.c", "registryd/index/hash.c",
    "registryd/api/token.c", "registryd/api/access.c", "registryd/api/cursor.c",
    "registryd/api/session.c",
    "registryd/index/resolution.c",
)  # fmt: skip
OWNERS = (
    ("civetweb.h", ("registryd/http/server*.c",)),
    ("libpq-fe.h", ("registryd/store/db*.c", "registryd/store/db*.h")),
    ("yaml.h", ("schema/reading/yaml*.c",)),
    ("toml++/*", ("schema/reading/toml*.cpp",)),
    ("curl/*", ("client/fetch*.c",)),
    ("archive*.h", ("schema/reading/archive*.c",)),
    ("iconv.h", ("schema/reading/python_encoding.c",)),
    ("zlib.h", ("registryd/http/gzip*.c", "schema/reading/zip_load.c",
                "schema/reading/archive_crc32.c")),
    ("cmark.h", ("registryd/web/markdown.c",)),
    ("seccomp.h", ("registryd/extract/confine.c",)),
    ("dlfcn.h", ("client/library/front.c",)),
    ("openssl/*", ("schema/digest.c",)),
    ("Python.h", ("client/python/native/python_api.h",)),
    ("sodium.h", SODIUM),
    ("jansson.h", ("schema/*", "registryd/api/*", "registryd/index/*", "registryd/web/*", "client/*")),
)
NOT_JANSSON = ("schema/base/*", "schema/packaging/*")

# What libc and the kernel's headers offer; anything else in <> must have an owner above.
SYSTEM = re.compile(
    r"(arpa|net|netinet|sys|linux)/\w+\.h|(assert|ctype|dirent|endian|errno|fcntl|fnmatch|getopt|grp|"
    r"inttypes|langinfo|limits|math|netdb|poll|pthread|pwd|sched|signal|spawn|stdarg|stdatomic|stdbool|"
    r"stddef|stdint|stdio|stdlib|string|strings|syslog|termios|time|unistd)\.h|"
    r"(cstddef|cstdint|cstdlib|cstring|exception|new|string|string_view|utility|sstream|memory|optional)"
)

# Calls that read directories belong to the walk: the readers get bytes, never paths.
DIRECTORY_CALLS = re.compile(r"\b(opendir|fdopendir|readdir|scandir|nftw|ftw|fts_open|glob)\s*\(")
DIRECTORY_OWNERS = ("client/place.c",)


def matches(path, patterns):
    return any(fnmatch(str(path), pattern) for pattern in patterns)


def room_breaches(root):
    found = []
    for path in files(root):
        allowed = next((row[1] for row in MAY_INCLUDE if fnmatch(str(path), row[0])), ())
        for line, name, is_system in includes(text_of(root, path)):
            if not is_system and not matches(name, allowed):
                found.append(f"{path}:{line}: may not include {name}")
    return found


def owner_breaches(root):
    found = []
    for path in files(root):
        for line, name, is_system in includes(text_of(root, path)):
            if not is_system or SYSTEM.fullmatch(name):
                continue
            owners = next((row[1] for row in OWNERS if fnmatch(name, row[0])), ())
            is_refused = name == "jansson.h" and matches(path, NOT_JANSSON)
            if not matches(path, owners) or is_refused:
                found.append(f"{path}:{line}: <{name}> belongs to {', '.join(owners) or 'nobody yet'}")
    return found


def directory_breaches(root):
    found = []
    for path in files(root):
        for number, line in enumerate(code_only(text_of(root, path)).splitlines(), 1):
            if DIRECTORY_CALLS.search(line) and not matches(path, DIRECTORY_OWNERS):
                found.append(f"{path}:{number}: reads a directory; that is for {DIRECTORY_OWNERS[0]}")
    return found


CHECKS = (room_breaches, owner_breaches, directory_breaches)


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_the_layers(check):
    assert check(ROOT) == []


@pytest.mark.parametrize(
    "check, path, line",
    [
        (room_breaches, "schema/base/a.c", '#include "schema/finding.h"'),
        (room_breaches, "schema/packaging/a.c", '#include "schema/finding.h"'),
        (room_breaches, "schema/release.c", '#include "registryd/store/store.h"'),
        (room_breaches, "schema/release.c", '#include "client/merge.h"'),
        (room_breaches, "registryd/api/a.c", '#include "registryd/http/server.h"'),
        (room_breaches, "registryd/api/a.c", '#include "registryd/store/db.h"'),
        (room_breaches, "registryd/http/a.c", '#include "registryd/store/store.h"'),
        (room_breaches, "registryd/index/a.c", '#include "registryd/api/api.h"'),
        (room_breaches, "registryd/store/a.c", '#include "registryd/index/index.h"'),
        (room_breaches, "registryd/main.c", '#include "client/fetch.h"'),
        (room_breaches, "client/a.c", '#include "registryd/api/api.h"'),
        (owner_breaches, "registryd/api/a.c", "#include <civetweb.h>"),
        (owner_breaches, "registryd/store/store_read.c", "#include <libpq-fe.h>"),
        (owner_breaches, "schema/reading/pyproject.c", "#include <yaml.h>"),
        (owner_breaches, "schema/reading/a.cpp", "#include <toml++/toml.h>"),
        (owner_breaches, "client/publish.c", "#include <curl/curl.h>"),
        (owner_breaches, "client/a.c", "#include <archive_entry.h>"),
        (owner_breaches, "registryd/index/hash.c", "#include <openssl/sha.h>"),
        (owner_breaches, "schema/base/a.c", "#include <jansson.h>"),
        (owner_breaches, "registryd/store/a.c", "#include <jansson.h>"),
        (owner_breaches, "client/a.c", "#include <sqlite3.h>"),
        (directory_breaches, "schema/reading/a.c", "    DIR *d = opendir(path);"),
        (directory_breaches, "client/publish.c", "    while (readdir (d)) {"),
    ],
)
def test_a_breach_is_seen(tmp_path, check, path, line):
    assert_breach(check, tmp_path, {path: f"// x\n{line}\n"}, f"{path}:2: ")


def test_an_include_in_a_comment_is_none(tmp_path):
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/a.c").write_text('/* #include "client/a.h" */\n// #include <yaml.h>\n')
    assert room_breaches(tmp_path) == [] and owner_breaches(tmp_path) == []
