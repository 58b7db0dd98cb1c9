# SPDX-License-Identifier: MIT
"""Two faces, one set of use cases: pages talk to no handler, and build and parse no JSON."""

import re

from tree import ROOT, assert_breach, code_only, files, text_of

BUILDS = re.compile(r"\b(json_(?:v?pack\w*|dumps|dumpb|dumpf|loads|loadb|loadf|parse|object|array|string\w*|object_set\w*"
                    r"|array_append\w*|encode\w*)|api_handler)\b\s*\(?")
MAY_READ = {"json_string_value", "json_string_length", "json_object_get", "json_object_size", "json_object_foreach",
            "json_array_get", "json_array_size", "json_array_foreach"}
VIEW = "registryd/web/frame/json_view.c"


def breaches(root):
    """Calls in registryd/web that build or parse JSON, and mentions of handlers in its pages."""
    found = []
    for path in files(root, (".c",), ("registryd",)):
        if not str(path).startswith("registryd/web/") or str(path) == VIEW:
            continue
        code = code_only(text_of(root, path))
        for number, line in enumerate(code.splitlines(), 1):
            for match in BUILDS.finditer(line):
                if match[1] not in MAY_READ:
                    found.append(f"{path}:{number}: {match[1]}")
    return found


def test_pages_build_and_parse_no_json():
    assert breaches(ROOT) == []


def test_a_page_that_builds_json_is_found(tmp_path):
    assert_breach(breaches, tmp_path, {
        "registryd/web/pages/page_x.c": 'static void f(void) {\n    json_t *x = json_pack("{}");\n}\n'},
        "registryd/web/pages/page_x.c:2: json_pack")
