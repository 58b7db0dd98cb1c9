# SPDX-License-Identifier: MIT
"""Who may include whom, and which file owns which library (docs/ARCHITECTURE.md, "Rooms")."""

import re
from fnmatch import fnmatch

import pytest
from tree import ROOT, assert_breach, code_only, files, includes, text_of

# What the store shows of itself: these headers hold no libpq and no connection.
STORE = ("registryd/store/store.h", "registryd/store/store_lifecycle.h",
         "registryd/store/store_environments.h", "registryd/store/store_access.h",
         "registryd/store/store_audit.h", "registryd/store/store_search.h",
         "registryd/store/store_candidates.h", "registryd/store/files/store_paths.h",
         "registryd/store/files/store_projects.h", "registryd/store/files/store_moves.h",
         "registryd/store/settings/store_group_uses.h",
         "registryd/store/entries/store_entries.h",
         "registryd/store/activity/store_activity.h",
         "registryd/store/transition/store_transition.h",
         "registryd/store/settings/store_secrets.h")
# The object store as its users see it: no libcurl, no signature.
OBJECTS = ("registryd/object_store/object_store.h",)

# Folder -> the folders (or headers) that its files may include, beside its own. A folder that is not
# listed may include nothing. A name that ends with ".h" is one header; any other name is exactly that
# folder, without its subfolders.
PACKAGING = ("schema/packaging", "schema/packaging/version", "schema/packaging/requirement",
             "schema/packaging/metadata")
SHARED = ("schema", "schema/base", "schema/json", "schema/json_schema", *PACKAGING, "schema/release", "schema/environment",
          "schema/snapshot", "schema/contributions")
HANDLER = (*SHARED, *STORE, "registryd/request", "registryd/access", "registryd/index/index.h",
           "registryd/hash", "registryd/candidates", "registryd/rules", "registryd/resolver", "registryd/forms",
           "registryd/tables/package_pack.h", "registryd/tables/selected_files.h",
           "registryd/tables/selected_paths.h",
           "registryd/extract/extractor.h", "registryd/extract/viewer.h")
HANDLERS = tuple(f"registryd/api/{room}" for room in (
    "activity", "admin", "contributions", "environments", "groups", "monitoring", "legacy", "packages", "pypi", "reports", "resolve", "secrets", "settings", "simple"))
# What the pages may call: use cases, never the handlers of the JSON routes.
USE_CASES = ("registryd/api/activity/activity_filter.h", "registryd/api/settings/settings_view.h", "registryd/api/settings/settings_fields.h", "registryd/api/environments/environment_patch.h", "registryd/api/admin/token_use_cases.h", "registryd/api/admin/grant_use_cases.h", "registryd/api/admin/reserved_use_cases.h", "registryd/api/packages/lifecycle_use_cases.h",
             "registryd/api/packages/packages_query.h", "registryd/api/environments/environments.h",
             "registryd/api/environments/environment_use_cases.h",
             "registryd/api/environments/environment_freeze.h",
             "registryd/api/environments/environment_compare.h", "registryd/api/environments/environment_diff_locks.h",
             "registryd/api/groups/hold_use_case.h", "registryd/api/groups/find_use_case.h")
FOLDERS = {
    "schema/base": (),
    "schema/json": ("schema/base",),
    "schema/packaging/version": ("schema/base",),
    "schema/packaging": ("schema/base", "schema/packaging/version"),
    "schema/packaging/requirement": ("schema/base", "schema/packaging", "schema/packaging/version"),
    "schema/packaging/metadata": ("schema/base", *PACKAGING[:3]),
    "schema": ("schema/base", "schema/json", "schema/packaging/version"),
    "schema/json_schema": ("schema", "schema/base", "schema/json"),
    "schema/contributions": ("schema", "schema/base", "schema/json"),
    "schema/release": ("schema", "schema/base", "schema/json", "schema/json_schema", *PACKAGING),
    "schema/environment": ("schema", "schema/base", "schema/json", *PACKAGING),
    "schema/snapshot": ("schema", "schema/base", "schema/json"),
    "schema/readers/core": ("schema/base", "schema/json", "schema/release"),
    "schema/readers/python": ("schema/base", "schema/json", "schema/readers/core"),
    "schema/readers/archive": ("schema/base", "schema/readers/core"),
    "schema/readers/pyproject": ("schema", "schema/base", *PACKAGING, "schema/readers/core"),
    "schema/readers/artifact": ("schema", "schema/base", *PACKAGING, "schema/json", "schema/readers/archive",
                                "schema/readers/conventions", "schema/readers/python",
                                "schema/readers/core"),
    "schema/readers/conventions": ("schema", "schema/base", "schema/json", *PACKAGING,
                                   "schema/readers/core", "schema/readers/python"),
    "registryd/store/libpq": ("schema/base", "sql_table.h"),
    "registryd/object_store": ("schema", "schema/base"),
    "registryd/store/history": ("schema/base", "registryd/store/libpq", "sql_table.h"),
    "registryd/store": (*SHARED, "registryd/store/history", "schema/readers/artifact", "registryd/store/libpq", "sql_table.h"),
    "registryd/store/files": (*SHARED, *OBJECTS, "schema/readers/artifact", "registryd/store",
                              "registryd/store/libpq", "sql_table.h"),
    "registryd/store/entries": (*SHARED, "registryd/store", "registryd/store/libpq", "sql_table.h"),
    "registryd/store/activity": (*SHARED, "registryd/store", "registryd/store/libpq", "sql_table.h"),
    "registryd/store/transition": (*SHARED, "registryd/store", "registryd/store/libpq", "sql_table.h"),
    "registryd/store/settings": (*SHARED, "registryd/store", "registryd/store/libpq", "sql_table.h"),
    "registryd/hash": (),
    "registryd/candidates": (*SHARED, *STORE),
    "registryd/rules": (*SHARED, *STORE, "registryd/candidates"),
    "registryd/resolver": (*SHARED, *STORE, "registryd/candidates", "registryd/rules"),
    "registryd/forms": (*SHARED, *STORE, "registryd/candidates", "registryd/resolver"),
    "registryd/tables": (*SHARED, *STORE, "registryd/candidates", "registryd/resolver"),
    "registryd/index": (*SHARED, *STORE, "registryd/hash", "registryd/candidates", "registryd/rules", "registryd/resolver",
                        "registryd/forms",
                        "registryd/tables"),
    "registryd/extract": (*SHARED, "schema/readers/archive", "schema/readers/artifact", "schema/readers/core", "registryd/readme"),
    "registryd/request": (*SHARED, *STORE, "registryd/hash", "registryd/index/index.h", "registryd/resolver",
                          "registryd/extract/extractor.h", "registryd/extract/viewer.h"),
    "registryd/access": (*SHARED, *STORE, "registryd/request", "registryd/index/index.h"),
    **{room: HANDLER for room in HANDLERS},
    "registryd/api/packages": (*HANDLER, "registryd/api/groups"),
    "registryd/api/secrets": (*HANDLER, "registryd/vault"),
    "registryd/api/environments": (*HANDLER, "registryd/api/secrets"),
    "registryd/api/resolve": (*HANDLER, "registryd/api/secrets"),
    "registryd/api/settings": (*HANDLER, "registryd/api/environments", "registryd/api/secrets"),
    "registryd/api/legacy": (*HANDLER, "registryd/api/packages"),
    "registryd/api/contributions": (*HANDLER, "registryd/api/resolve"),
    "registryd/readme": ("schema/base",),
    "registryd/web/frame": (*HANDLER, "registryd/readme/markup.h", "web_table.h"),
    "registryd/web/admin": (*HANDLER, *USE_CASES, "registryd/web/frame"),
    "registryd/web/forms": (*HANDLER, *USE_CASES, "registryd/web/frame"),
    "registryd/web/entries": (*HANDLER, *USE_CASES, "registryd/web/frame"),
    "registryd/web/transition": (*HANDLER, *USE_CASES, "registryd/web/frame"),
    "registryd/web/activity": (*HANDLER, *USE_CASES, "registryd/web/frame"),
    "registryd/web/pages": (*HANDLER, *USE_CASES, "registryd/web/frame", "registryd/web/activity", "registryd/web/forms/forms.h", "registryd/web/entries"),
    "registryd/web/environment": (*HANDLER, *USE_CASES, "registryd/web/frame", "registryd/web/activity", "registryd/web/forms/forms.h",
                                  "registryd/web/pages", "registryd/web/entries"),
    "registryd/web/package": (*HANDLER, "registryd/web/environment", "registryd/readme/markup.h", "registryd/web/frame", "registryd/web/activity", "registryd/web/forms/forms.h", "registryd/web/pages", "registryd/web/entries"),
    "registryd/http/head": ("schema/base", "registryd/request"),
    "registryd/http": ("schema/base", "registryd/request", "registryd/access", "registryd/http/head"),
    "registryd/http/routes.c": ("schema/base", "schema/json", "registryd/request", "registryd/access", "registryd/http",
                                *HANDLERS, "registryd/web/admin", "registryd/web/forms", "registryd/web/activity", "registryd/web/transition", "registryd/web/pages", "registryd/web/package", "registryd/web/entries", "registryd/web/environment",
                                "registryd/web/frame"),
    "registryd/http/server_exchange.h": ("schema/base", "registryd/http", "registryd/http/head",
                                         "registryd/request",
                                         "registryd/api/monitoring/metrics.h"),
    "registryd/postgres": ("schema/base",),
    "registryd/service": ("schema/base",),
    "registryd/vault": ("schema/base",),
    "registryd/config": ("schema/base", "schema/readers/core"),
    "registryd/threads": ("schema/base", *STORE, "registryd/access", "registryd/config", "registryd/index/index.h",
                          "registryd/request"),
    "registryd": (*SHARED, *STORE, *OBJECTS, "registryd/threads/daemon_threads.h", "registryd/object_store/object_credentials.h", "registryd/config", "registryd/vault", "registryd/postgres", "registryd/service", "registryd/http", "registryd/http/head",
                  "registryd/access", "registryd/request", "registryd/index", "registryd/extract"),
    "registryd/main.c": ("schema/base", "registryd", "registryd/config", "registryd/http/routes.h", "registryd/store/libpq/db.h"),
    "client/include": (),
    "client/fs": ("schema/base",),
    "client/conventions": ("schema/base", "client/fs", "schema/readers/conventions",
                           "schema/readers/artifact"),
    "client/walk": (*SHARED, "schema/readers/artifact", "schema/readers/core", "client/fs",
                    "client/conventions"),
    "client/pack": (*SHARED, "schema/readers/artifact", "client/fs", "client/walk"),
    "client/sync": (*SHARED, "schema/readers/archive", "schema/readers/artifact", "schema/readers/core", "client/fs",
                    "client/remote"),
    "client/mirror": (*SHARED, "client/fs", "client/remote"),
    "client/import": (*SHARED, "schema/readers/artifact", "client/fs", "client/mirror", "client/remote", "client/walk"),
    "client/remote": (*SHARED, "client/fs", "client/walk"),
    "client/snapshot": (*SHARED, "client/remote"),
    "client/public": (*SHARED, "client/include", "client/pack", "client/remote", "client/snapshot", "client/walk"),
    "client/library": ("client/include", "client/public"),
    "client/python/native": ("schema/base", "schema/packaging", "schema/packaging/version",
                             "schema/snapshot", "client/include",
                             "client/remote", "client/snapshot"),
    "client/cli/console": (*SHARED, "client/fs", "client/remote"),
    "client/cli/input": (*SHARED, "schema/readers/artifact", "client/cli/console", "client/cli/settings", "client/import", "client/pack", "client/remote",
                         "client/snapshot", "client/walk"),
    "client/cli/commands": (*SHARED, "client/cli/console", "client/cli/contributions", "client/cli/input", "client/fs",
                            "client/pack", "client/public", "client/remote", "client/snapshot", "client/sync"),
    "client/cli/environment": (*SHARED, "client/cli/commands/environment.h", "client/cli/console", "client/cli/input", "client/remote"),
    "client/cli/entries": (*SHARED, "client/cli/console", "client/cli/input", "client/remote"),
    "client/cli/contributions": (*SHARED, "client/cli/console", "client/cli/input", "client/public", "client/remote", "client/walk"),
    "client/cli/transfer": (*SHARED, "client/cli/console", "client/cli/input", "client/fs", "client/import", "client/mirror", "client/remote",
                            "client/walk"),
    "client/cli/settings": ("schema", "schema/base", "schema/json", "schema/readers/core"),
    "client/cli/host": (*SHARED, "client/cli/console", "client/cli/input", "client/cli/settings", "client/fs", "client/public",
                        "client/remote", "client/snapshot"),
    "client/cli": ("schema/base", "client/cli/console", "client/cli/host", "client/cli/settings", "client/fs", "client/include", "client/remote"),
}  # fmt: skip

# Third-party header -> the files that may name it: one owner each, so that a library is one file to
# replace. Two exceptions: jansson is our data type at the edges; sodium (hashes, base64, random bytes,
# constant-time compare) has named users.
SODIUM = (
    "schema/digest.c", "schema/snapshot/snapshot_sign.c", "schema/release/release*.c", "registryd/main.c", "registryd/hash/etag.c",
    "registryd/access/token.c", "registryd/access/access.c", "registryd/request/cursor.c", "registryd/api/legacy/attestations.c",
    "registryd/access/session.c", "registryd/object_store/sigv4.c", "client/pack/wheel_zip.c", "registryd/store/files/release_complete.c", "registryd/store/files/store_moves.c",
    "registryd/forms/resolution_json.c", "registryd/vault/vault*.c", "registryd/api/secrets/secret_edit.c",
)  # fmt: skip
OWNERS = (
    ("civetweb.h", ("registryd/http/server*.c",)),
    ("libpq-fe.h", ("registryd/store/libpq/*",)),
    ("yaml.h", ("schema/readers/core/yaml*.c",)),
    ("toml++/*", ("schema/readers/core/toml*.cpp",)),
    ("curl/*", ("client/remote/fetch*.c", "registryd/object_store/object_http.c")),
    ("archive*.h", ("schema/readers/archive/archive.c",)),
    ("iconv.h", ("schema/readers/python/python_source.c",)),
    ("zlib.h", ("registryd/http/response.c", "schema/readers/archive/zip.c", "client/pack/wheel_zip.c")),
    ("expat.h", ("registryd/api/pypi/xmlrpc_parse.c",)),
    ("utf8proc.h", ("client/cli/console/display.c",)),
    ("cmark-gfm.h", ("registryd/readme/markdown.c",)),
    ("cmark-gfm-core-extensions.h", ("registryd/readme/markdown.c",)),
    ("seccomp.h", ("registryd/extract/confine.c",)),
    ("dlfcn.h", ("client/library/lazy_loader.c",)),
    ("openssl/*", ("schema/digest.c",)),
    ("Python.h", ("client/python/native/python_api.h",)),
    ("sodium.h", SODIUM),
    ("jansson.h", ("schema/*", "registryd/api/*", "registryd/request/*", "registryd/access/*",
                   "registryd/index/*", "registryd/rules/*", "registryd/resolver/*", "registryd/forms/*", "registryd/web/*", "client/*")),
)
NOT_JANSSON = ("schema/base/*", "schema/packaging/*")

# What libc and the kernel's headers offer; anything else in <> must have an owner above.
SYSTEM = re.compile(
    r"(arpa|net|netinet|sys|linux)/\w+\.h|(assert|ctype|dirent|endian|errno|fcntl|fnmatch|getopt|grp|"
    r"inttypes|langinfo|limits|locale|malloc|math|netdb|poll|pthread|pwd|sched|signal|spawn|stdarg|stdatomic|stdbool|"
    r"stddef|stdint|stdio|stdlib|string|strings|syslog|termios|time|unistd)\.h|"
    r"(cstddef|cstdint|cstdlib|cstring|exception|new|string|string_view|utility|sstream|memory|optional)"
)

# Calls that read directories belong to the walk: the readers get bytes, never paths.
DIRECTORY_CALLS = re.compile(r"\b(opendir|fdopendir|readdir|scandir|nftw|ftw|fts_open|glob)\s*\(")
DIRECTORY_OWNERS = ("client/fs/rooted_dir.c",)


def matches(path, patterns):
    return any(fnmatch(str(path), pattern) for pattern in patterns)


def may_include(path, name):
    """Whether the file may include the header: its own folder, or what its row of FOLDERS lists."""
    folder = str(path.parent)
    allowed = FOLDERS.get(str(path), (folder, *FOLDERS[folder]) if folder in FOLDERS else ())
    return name in allowed or ("/" in name and name.rsplit("/", 1)[0] in allowed)


def room_breaches(root):
    return [
        f"{path}:{line}: may not include {name}"
        for path in files(root)
        for line, name, is_system in includes(text_of(root, path))
        if not is_system and not may_include(path, name)
    ]


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


def edges(root, name_of):
    """{name: names it includes}; name_of makes the name of a path: its folder, or its module."""
    known = {str(path) for path in files(root)}
    found = {}
    for path in files(root):
        here = found.setdefault(name_of(str(path)), set())
        here |= {name_of(name) for _, name, is_system in includes(text_of(root, path))
                 if not is_system and name in known}
        here.discard(name_of(str(path)))
    return found


def reachable(graph, start):
    seen, todo = set(), [start]
    while todo:
        for name in graph.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return seen


def circles(graph):
    """The sets of names that reach each other, each once, sorted."""
    reach = {name: reachable(graph, name) for name in graph}
    found = {frozenset(other for other in reach[name] if name in reach.get(other, ())) for name in graph}
    return sorted(sorted(circle) for circle in found if circle)


def circle_breaches(root):
    """A folder or a module (a .c with its .h) that includes itself by way of others."""
    folders = circles(edges(root, lambda path: path.rsplit("/", 1)[0]))
    modules = circles(edges(root, lambda path: path.rsplit(".", 1)[0]))
    return [f"{' and '.join(circle)} include each other" for circle in folders + modules]


# The resolver decides by its arguments alone, so that a selection can be replayed in a test.
IMPURE = re.compile(
    r"\b(pthread_\w+|atomic_\w+|mtx_\w+|clock_gettime|gettimeofday|time|now_ms|now_ns|socket|connect|send|"
    r"recv|open|read|write|poll|getenv|getrandom|malloc|calloc|realloc|free|strdup)\s*\("
)


def purity_breaches(root):
    found = []
    for path in files(root, folders=("registryd/candidates", "registryd/rules", "registryd/resolver")):
        for number, line in enumerate(code_only(text_of(root, path)).splitlines(), 1):
            if IMPURE.search(line) or re.search(r"\b(struct timespec|atomic_\w+|_Atomic|pthread_\w+)\b", line):
                found.append(f"{path}:{number}: the resolver uses no lock, clock, socket or heap: {line.strip()}")
    return found


# Breaches that are being removed; each line goes with the change that mends it.
OPEN = ()


def not_open(breaches):
    return [breach for breach in breaches if not breach.startswith(OPEN)]


CHECKS = (room_breaches, owner_breaches, directory_breaches, circle_breaches, purity_breaches)


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_the_layers(check):
    assert not_open(check(ROOT)) == []


@pytest.mark.parametrize(
    "check, path, line",
    [
        (room_breaches, "schema/base/a.c", '#include "schema/finding.h"'),
        (room_breaches, "schema/packaging/a.c", '#include "schema/finding.h"'),
        (room_breaches, "schema/release.c", '#include "registryd/store/store.h"'),
        (room_breaches, "schema/release.c", '#include "client/walk/merge.h"'),
        (room_breaches, "registryd/api/a.c", '#include "registryd/http/server.h"'),
        (room_breaches, "registryd/api/a.c", '#include "registryd/store/libpq/db.h"'),
        (room_breaches, "registryd/http/a.c", '#include "registryd/store/store.h"'),
        (room_breaches, "registryd/index/a.c", '#include "registryd/request/api.h"'),
        (room_breaches, "registryd/store/a.c", '#include "registryd/index/index.h"'),
        (room_breaches, "registryd/main.c", '#include "client/remote/fetch.h"'),
        (room_breaches, "client/a.c", '#include "registryd/request/api.h"'),
        (owner_breaches, "registryd/api/a.c", "#include <civetweb.h>"),
        (owner_breaches, "registryd/store/store_read.c", "#include <libpq-fe.h>"),
        (owner_breaches, "schema/readers/pyproject/pyproject.c", "#include <yaml.h>"),
        (owner_breaches, "schema/reading/a.cpp", "#include <toml++/toml.h>"),
        (owner_breaches, "client/remote/publish.c", "#include <curl/curl.h>"),
        (owner_breaches, "client/a.c", "#include <archive_entry.h>"),
        (owner_breaches, "registryd/hash/etag.c", "#include <openssl/sha.h>"),
        (owner_breaches, "schema/base/a.c", "#include <jansson.h>"),
        (owner_breaches, "registryd/store/a.c", "#include <jansson.h>"),
        (owner_breaches, "client/a.c", "#include <sqlite3.h>"),
        (directory_breaches, "schema/reading/a.c", "    DIR *d = opendir(path);"),
        (directory_breaches, "client/remote/publish.c", "    while (readdir (d)) {"),
    ],
)
def test_a_breach_is_seen(tmp_path, check, path, line):
    assert_breach(check, tmp_path, {path: f"// x\n{line}\n"}, f"{path}:2: ")


def test_an_include_in_a_comment_is_none(tmp_path):
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/a.c").write_text('/* #include "client/a.h" */\n// #include <yaml.h>\n')
    assert room_breaches(tmp_path) == [] and owner_breaches(tmp_path) == []
