# SPDX-License-Identifier: MIT
"""One release through every way in: a document, pyproject.toml, a wheel, a source distribution with its
own pyproject.toml, and one with an .egg-info. A fault has one code, wherever it comes from."""

import json

import pytest
from archives import END, make_zip, pack, tar_file, wheel_entries
from release_probe import ask
from support.artifacts import modules

BASE = {"name": "crm", "version": "1.0", "entry_points": {"acme.plugins": {"x": "m:x"}}}
SCRIPTS = {"console_scripts": "scripts", "gui_scripts": "gui-scripts"}
KEYS = {"name": "name", "version": "version", "summary": "description", "requires_python": "requires-python",
        "license_expression": "license", "requires_dist": "dependencies", "keywords": "keywords",
        "classifiers": "classifiers", "authors": "authors", "project_urls": "urls"}  # fmt: skip
FIELDS = {"name": "Name", "version": "Version", "summary": "Summary", "requires_python": "Requires-Python",
          "license_expression": "License-Expression", "requires_dist": "Requires-Dist", "classifiers": "Classifier",
          "description_content_type": "Description-Content-Type"}  # fmt: skip


def toml_value(value):
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return "".join(f"\\u{ord(c):04x}" if c == "\x7f" else c for c in quoted)
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return "{" + ", ".join(f"{toml_value(k)} = {toml_value(v)}" for k, v in value.items()) + "}"


def pyproject(release):
    lines = ["[project]"]
    lines += [f"{KEYS[key]} = {toml_value(value)}" for key, value in release.items() if key in KEYS]
    if "description_content_type" in release:
        kind = toml_value(release["description_content_type"])
        lines.append(f'readme = {{text = "x", content-type = {kind}}}')
    groups = release.get("entry_points", {})
    for group, entries in groups.items():
        if group in SCRIPTS:
            lines.append(f"{SCRIPTS[group]} = {toml_value(entries)}")
    others = {group: entries for group, entries in groups.items() if group not in SCRIPTS}
    lines.append(f"entry-points = {toml_value(others)}")
    return "\n".join(lines) + "\n"


def mailbox(author):
    name = f'"{author["name"]}" ' if "name" in author else ""
    return f"{name}<{author['email']}>" if name else author["email"]


def metadata(release):
    lines = ["Metadata-Version: 2.4"]
    for key, field in FIELDS.items():
        values = release.get(key, [])
        lines += [f"{field}: {value}" for value in ([values] if isinstance(values, str) else values)]
    if "keywords" in release:
        lines.append("Keywords: " + ",".join(release["keywords"]))
    lines += [f"Project-URL: {label}, {url}" for label, url in release.get("project_urls", {}).items()]
    nameless = [author["name"] for author in release.get("authors", ()) if "email" not in author]
    lines += [f"Author: {name}" for name in nameless]
    mailboxes = [mailbox(author) for author in release.get("authors", ()) if "email" in author]
    lines += ["Author-email: " + ", ".join(mailboxes)] * bool(mailboxes)
    return ("\n".join(lines) + "\n\nText\n").encode()


def entry_points_txt(release):
    lines = []
    for group, entries in release.get("entry_points", {}).items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    return ("\n".join(lines) + "\n").encode()


def wheel(release):
    entry_points = entry_points_txt(release)
    extra = [(path, data) for path, data in modules(entry_points.decode()).items() if path.isascii()]
    return make_zip(wheel_entries(metadata=metadata(release), entry_points=entry_points, extra=extra))


def sdist(release, project):
    parts = [tar_file("crm-1.0/", kind=b"5"), tar_file("crm-1.0/PKG-INFO", metadata(release))]
    if project:
        parts.append(tar_file("crm-1.0/pyproject.toml", pyproject(release).encode()))
    else:
        parts.append(tar_file("crm-1.0/crm.egg-info/entry_points.txt", entry_points_txt(release)))
    return pack(b"".join(parts) + END)


def ways(folder, release):
    """{way: answer of the probe}"""
    files = {
        "document": ("release", "release.json", json.dumps(release).encode()),
        "pyproject": ("pyproject", "pyproject.toml", pyproject(release).encode()),
        "wheel": ("artifact", "crm-1.0-py3-none-any.whl", wheel(release)),
        "sdist": ("artifact", "crm-1.0.tar.gz", sdist(release, True)),
        "sdist-egg": ("artifact", "egg/crm-1.0.tar.gz", sdist(release, False)),
    }
    (folder / "egg").mkdir()
    questions = []
    for kind, name, data in files.values():
        (folder / name).write_bytes(data)
        questions.append((kind, folder / name))
    return dict(zip(files, ask(questions)))


def codes(answer, key="errors"):
    return list(dict.fromkeys(finding["code"] for finding in answer[key]))


def test_a_good_release_is_good_every_way(tmp_path):
    release = {
        **BASE, "summary": "Customers \U0001f469\u200d\U0001f4bb", "requires_python": ">=3.9", "license_expression": "MIT",
        "requires_dist": ["y>=1", "thing @ file:/srv/thing.whl"], "keywords": ["a", "b"], "classifiers": ["Topic :: Office"],
        "authors": [{"name": "Grete Müller", "email": "grete@example.org"}, {"email": "b.c+d@mail.example.org"}],
        "project_urls": {"Home": "https://example.org/"}, "description_content_type": "text/markdown; charset=UTF-8; variant=GFM",
        "entry_points": {"acme.plug-ins": {"x": "m:x"}, "console_scripts": {"run-it": "हिन्दी.चलाओ:मुख्य"}},
    }  # fmt: skip
    answers = ways(tmp_path, release)
    for way, answer in answers.items():
        assert (answer["errors"], answer["warnings"]) == ([], []), way
        document = {key: value for key, value in answer["document"].items() if key not in ("provenance", "description")}
        assert document == release, way


def entry(name="x", value="m:x", group="acme.plugins"):
    return {"entry_points": {group: {name: value}}}


def script(name="x", value="m:x"):
    return entry(name, value, "console_scripts")


# What cannot be written into entry_points.txt as a name: the runtime reads another line.
UNWRITABLE = {"wheel", "sdist-egg"}

FAULTS = [
    ("script-without-function", script(value="m"), "entry-point-value-invalid", ()),
    ("gui-script-without-function", entry(value="a.b", group="gui_scripts"), "entry-point-value-invalid", ()),
    ("script-with-extras-only", script(value="m [x]"), "entry-point-value-invalid", ()),
    ("script-up", script("../../evil"), "script-name-invalid", ()),
    ("script-slash", script("a/b"), "script-name-invalid", ()),
    ("script-backslash", script("a\\b"), "script-name-invalid", ()),
    ("script-drive", script("C:x"), "script-name-invalid", ()),
    ("script-hidden", script(".x"), "script-name-invalid", ()),
    ("script-dots", script(".."), "script-name-invalid", ()),
    ("script-device", script("nul.txt"), "script-name-invalid", ()),
    ("script-trailing-dot", script("x."), "script-name-invalid", ()),
    ("name-comment", entry("#x"), "entry-point-name-invalid", UNWRITABLE),
    ("name-semicolon", entry(";x"), "entry-point-name-invalid", ()),
    ("name-bracket", entry("[x"), "entry-point-name-invalid", ()),
    ("name-equals", entry("a=b"), "entry-point-name-invalid", UNWRITABLE),
    ("name-blank", entry(" x"), "entry-point-name-invalid", UNWRITABLE),
    ("name-no-break-space", entry("x\xa0"), "entry-point-name-invalid", UNWRITABLE),
    ("name-line-separator", entry("#\u2028[console_scripts]\u2028evil"), "entry-point-name-invalid", UNWRITABLE),
    ("name-next-line", entry("a\x85b"), "entry-point-name-invalid", UNWRITABLE),
    ("name-vertical-tab", entry("a\x0bb"), "entry-point-name-invalid", UNWRITABLE),
    ("name-escape", entry("a\x1bb"), "entry-point-name-invalid", ()),
    ("name-joiner", entry("a\u200db"), "entry-point-name-invalid", ()),
    ("name-override", entry("a\u202eb"), "entry-point-name-invalid", ()),
    ("name-too-long", entry("x" * 201), "entry-point-name-invalid", ()),
    ("value-keyword", entry(value="class.x:y"), "entry-point-value-invalid", ()),
    ("value-keyword-attribute", entry(value="m:None"), "entry-point-value-invalid", ()),
    ("value-emoji", entry(value="m\U0001f600:x"), "entry-point-value-invalid", ()),
    ("value-dash", entry(value="my-module:x"), "entry-point-value-invalid", ()),
    ("value-digit", entry(value="m:1x"), "entry-point-value-invalid", ()),
    ("value-joiner", entry(value="m:x\u200d"), "entry-point-value-invalid", ()),
    ("email-no-address", {"authors": [{"email": "Example"}]}, "author-invalid", ()),
    ("email-semicolon", {"authors": [{"email": "a@example.com; b@example.net"}]}, "author-invalid", ()),
    ("email-blank", {"authors": [{"name": "A", "email": "a b@example.com"}]}, "author-invalid", ()),
    ("email-two-at", {"authors": [{"name": "A", "email": "a@b@example.com"}]}, "author-invalid", ()),
    ("email-no-domain", {"authors": [{"name": "A", "email": "a@"}]}, "author-invalid", ()),
    ("email-dots", {"authors": [{"name": "A", "email": "a..b@example.com"}]}, "author-invalid", ()),
    ("email-encoded", {"authors": [{"email": "=?utf-8?b?R3JldGU=?="}]}, "author-invalid", ()),
    ("author-override", {"authors": [{"name": "A\u202eB"}]}, "invisible-character", ()),
    ("author-escape", {"authors": [{"name": "A\x1b[31mB"}]}, "control-character", ()),
    ("summary-override", {"summary": "good \u2067 text"}, "invisible-character", ()),
    ("summary-zero-width", {"summary": "go\u200bod"}, "invisible-character", ()),
    ("summary-c1", {"summary": "a\x9b31mb"}, "control-character", ()),
    ("summary-line", {"summary": "a\u2028b"}, "control-character", ()),
    ("summary-escape", {"summary": "a\x1b[31mb"}, "control-character", ()),
    ("keyword-override", {"keywords": ["a\u202eb"]}, "invisible-character", ()),
    ("classifier-tags", {"classifiers": ["Topic\U000e0041"]}, "invisible-character", ()),
    ("label-override", {"project_urls": {"a\u202eb": "https://example.org"}}, "invisible-character", ()),
    ("label-long", {"project_urls": {"x" * 33: "https://example.org"}}, "url-label-invalid", ()),
    ("url-scheme", {"project_urls": {"x": "irc://example.org"}}, "url-invalid", ()),
    ("url-script", {"project_urls": {"x": "javascript:alert(1)"}}, "url-invalid", ()),
    ("url-no-host", {"project_urls": {"x": "https:///path"}}, "url-invalid", ()),
    ("url-blank", {"project_urls": {"x": "https://example.org/a b"}}, "url-invalid", ()),
    ("requirement", {"requires_dist": ["x >="]}, "requirement-invalid", ()),
    ("requirement-backslash", {"requires_dist": ["x; os_name == 'a\\n'"]}, "requirement-invalid", ()),
    ("requires-python", {"requires_python": "three"}, "requires-python-invalid", ()),
    ("licence", {"license_expression": "Free for all"}, "license-invalid", ()),
    ("content-type", {"description_content_type": "text/html"}, "content-type-invalid", ()),
    ("content-type-charset", {"description_content_type": "text/plain; charset=latin-1"}, "content-type-invalid", ()),
    ("content-type-variant", {"description_content_type": "text/markdown; variant=Pandoc"}, "content-type-invalid", ()),
]


@pytest.mark.parametrize("changes, code, unwritable", [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_has_one_code_every_way(tmp_path, changes, code, unwritable):
    answers = ways(tmp_path, {**BASE, **changes})
    found = {way: codes(answer) for way, answer in answers.items() if way not in unwritable}
    assert found == dict.fromkeys(found, [code])
    assert all(answers[way]["document"] is None for way in found)


GROUPS = ["a b", "été", "a..b", "a--b", "-a", "a/b", "a\u200bb", "\u0430cme.plugins", "x" * 201]


@pytest.mark.parametrize("group", GROUPS, ids=ascii)
def test_a_group_that_cannot_be_indexed(tmp_path, group):
    """Who writes it is refused; what is built already is taken, and goes without the group."""
    release = {**BASE, "entry_points": {group: {"y": "m:y"}, **BASE["entry_points"]}}
    for way, answer in ways(tmp_path, release).items():
        if way in ("document", "pyproject"):
            assert codes(answer) == ["entry-point-group-invalid"], way
        else:
            assert (codes(answer), codes(answer, "warnings")) == ([], ["group-not-indexed"]), way
            assert answer["document"]["entry_points"] == BASE["entry_points"], way


def test_a_licence_classifier_beside_an_expression_is_told_every_way(tmp_path):
    release = {**BASE, "license_expression": "MIT", "classifiers": ["License :: OSI Approved :: MIT License"]}
    for way, answer in ways(tmp_path, release).items():
        assert (codes(answer), codes(answer, "warnings")) == ([], ["license-classifier-deprecated"]), way


def test_scripts_that_differ_in_case_are_told_every_way(tmp_path):
    release = {**BASE, "entry_points": {"console_scripts": {"Run": "m:x", "run": "m:x"}}}
    for way, answer in ways(tmp_path, release).items():
        assert (codes(answer), codes(answer, "warnings")) == ([], ["entry-points-script-case"]), way


def author_email(folder, *values):
    lines = "".join(f"Author-email: {value}\n" for value in values)
    text = f"Metadata-Version: 2.1\nName: crm\nVersion: 1.0\n{lines}\n".encode()
    path = folder / "crm-1.0-py3-none-any.whl"
    path.write_bytes(make_zip(wheel_entries(metadata=text)))
    (answer,) = ask([("artifact", path)])
    return answer


GRETE = {"name": "Grete Müller", "email": "grete@example.org"}
LISTS = [
    ("grete@example.org", [{"email": "grete@example.org"}]),
    ("Grete Müller <grete@example.org>", [GRETE]),
    ('"Grete Müller" <grete@example.org>', [GRETE]),
    ("grete@example.org (Grete Müller)", [GRETE]),
    ("=?utf-8?q?Grete_M=C3=BCller?= <grete@example.org>", [GRETE]),
    ("=?UTF-8?B?R3JldGUgTcO8bGxlcg==?= <grete@example.org>", [GRETE]),
    ("=?iso-8859-1?q?Grete_M=FCller?= <grete@example.org>", [GRETE]),
    ("=?utf-8?q?Grete?= =?utf-8?q?_M=C3=BCller?= <grete@example.org>", [GRETE]),
    ("=?utf-8?b?R3JldGUgTcO8bGxlciA8Z3JldGVAZXhhbXBsZS5vcmc+?=", [GRETE]),
    ('"Example, Inc." <mail@example.org>', [{"name": "Example, Inc.", "email": "mail@example.org"}]),
    ("=?utf-8?q?Example=2C_Inc=2E?= <mail@example.org>", [{"name": "Example, Inc.", "email": "mail@example.org"}]),
    (r'"A \"B\" C" <a@example.org>', [{"name": 'A "B" C', "email": "a@example.org"}]),
    ("A <a@example.org>, b@example.org,", [{"name": "A", "email": "a@example.org"}, {"email": "b@example.org"}]),
    ("<a@example.org>", [{"email": "a@example.org"}]),
    ("jürgen@exämple.org", [{"email": "jürgen@exämple.org"}]),
]
NO_LISTS = [
    "Example, Inc. <mail@example.org>", "a@example.com; b@example.net", "Example", "=?utf-8?b?R3JldGU=?=",
    "=?koi8-r?b?0g==?= <a@example.org>", "=?utf-8?b?/w==?= <a@example.org>", "Team: a@example.org, b@example.org;",
    "A <a@example.org", "A <a@example.org> B", "A <a@example.org>; B <b@example.org>", "a@example.org b@example.org",
    "a at example.org", "@example.org", "a@-example.org", "A <>", "a@example.org, Example",
]  # fmt: skip


@pytest.mark.parametrize("value, authors", LISTS, ids=[row[0] for row in LISTS])
def test_author_email_is_a_list_of_mailboxes(tmp_path, value, authors):
    answer = author_email(tmp_path, value)
    assert answer["errors"] == []
    assert answer["document"]["authors"] == authors


@pytest.mark.parametrize("value", NO_LISTS)
def test_what_is_no_mailbox_is_never_guessed(tmp_path, value):
    answer = author_email(tmp_path, value)
    assert codes(answer) == ["author-invalid"]
    assert "METADATA:4" in answer["errors"][0]["where"]
