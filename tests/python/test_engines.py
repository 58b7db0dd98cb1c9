# SPDX-License-Identifier: MIT
"""The two engines: the extension modules and `_pure` give the same answers, and the package chooses one."""

import json
import os

import pytest
from support import python
from support.daemon import SOURCE_DIR
from support.fake_registry import FakeRegistry
from support.python_program import python_environment, run_program, run_python
from support.snapshot_file import key_pair, snapshot

DRIVER = SOURCE_DIR / "tests/python/engine_driver.py"
FINDINGS = json.dumps({"errors": [{"code": "c", "where": None, "message": "m", "hint": None}], "warnings": []})
ROUNDS = int(os.environ.get("TEST_ENGINE_ROUNDS") or 1)
SEED = int(os.environ.get("TEST_ENGINE_SEED") or 1)
RECORDS = {
    "a.group": [{"name": "one", "value": "one:x", "package": "one", "version": "1.0", "source": "registry", "manifest": '{"a":1}',
                 "settings": '{"k":"v"}', "state": "allowed"},
                {"name": "none", "source": "walk", "label": "l", "origin": "/o", "shadowed_by": "/p", "findings": FINDINGS}],
    "b.group": [{"name": "\u00e9", "value": "e:x", "source": "registry"}],
}  # fmt: skip
DECISIONS = [{"group": "b.group", "package": "p", "name": "n", "code": "disabled", "message": "m", "by_name": True},
             {"group": "a.group", "package": "one", "code": "settings", "settings": '{"k":"v"}'}]  # fmt: skip


def differences(kind, folder, seed=1):
    """What the driver tells; how many of its answers were no refusals."""
    told = json.loads(run_python(DRIVER, kind, folder, seed, REGISTRYD_PYTHON_ENGINE="native").out)
    assert told["different"] == 0, "\n".join(map(str, told["differences"]))
    return told


@pytest.mark.parametrize("kind, count, good", [("entry-points", 3000, 1000), ("versions", 15000, 750)])
def test_texts_are_read_alike(kind, count, good, tmp_path):
    told = differences(kind, tmp_path, SEED)
    assert told["count"] == count * ROUNDS and told["good"] >= good * ROUNDS


@pytest.mark.parametrize("version", [2, 3])
def test_every_cut_and_every_flip_of_a_snapshot_gets_the_same_verdict(version, tmp_path):
    raw = snapshot(RECORDS, version=version, decisions=DECISIONS if version == 3 else None, listed=True)
    (tmp_path / "whole").write_bytes(raw)
    told = differences("snapshots", tmp_path)
    assert told["count"] == 2 * len(raw) + 3 and told["good"] >= 1


def test_forged_snapshots_get_the_same_verdict(tmp_path):
    """Digests are right, and the texts lie outside, overlap, or hold a NUL."""
    (tmp_path / "nul").write_bytes(snapshot({"a.group": [{"name": "a\0b", "value": "v\0", "source": "registry"}]}))
    (tmp_path / "empty").write_bytes(snapshot({}))
    (tmp_path / "findings").write_bytes(snapshot({"b.group": [{"name": "n", "source": "s", "findings": text} for text in
                                                             ("{", "[]", '{"errors": 3}', '{"errors": [], "warnings": [{}]}')]}))  # fmt: skip
    (tmp_path / "nameless").write_bytes(snapshot({"a.group": [{"value": "v", "source": "registry"}]}))
    differences("snapshots", tmp_path)


def test_directories_are_walked_alike(tmp_path):
    told = differences("trees", SOURCE_DIR / "tests/trees")
    assert told["count"] > 300 and told["good"] > 300
    assert differences("yaml", tmp_path, SEED)["good"] > 150 * ROUNDS


RECORD = {"group": "a.group", "name": "n", "value": "v:x", "package": "p", "version": "1", "source": "registry", "label": None, "origin": "/v1",
          "manifest": {"b": 1, "a": [1.5, None, "\u00e9"]}, "settings": {"k": "v"}, "warnings": [], "errors": [], "shadowed_by": None,
          "state": "allowed"}  # fmt: skip
DECISION = {"group": "a.group", "package": "p", "name": None, "version": None, "code": "settings", "message": None, "since": None,
            "by": None, "pin": None, "settings": {"k": "v"}, "by_name": False}  # fmt: skip
WARNED = [{"code": "c", "where": None, "message": "m", "hint": "h"}]
GOOD = [
    {"records": []},
    {"records": [RECORD], "excluded": [], "decisions": [DECISION], "known": [{"group": "a.group", "package": "q"}],
     "owners": [{"group": "a.group", "package": "*"}], "policy": {"plugins": "listed"}, "settings": "included"},
    {"records": [{"group": "a.group", "name": "n", "source": "registry"}], "decisions": [], "known": []},
    {"records": [{**RECORD, "value": None, "warnings": WARNED, "errors": WARNED, "later": {"x": 1}}], "later": 1},
    {"records": [RECORD], "decisions": [{**DECISION, "code": "later", "by_name": True, "name": "n", "later": 3},
                                        {**DECISION, "group": "a", "code": "disabled", "settings": None}]},
    {"records": [], "decisions": [{**DECISION, "code": "alias", "name": "old", "entry_only": True, "successor": "n"},
                                  {**DECISION, "code": "group-deprecated", "package": "*", "successor": "b.group", "settings": None}]},
]  # fmt: skip
BAD = [
    {}, {"records": None}, {"records": {}}, {"records": [1]}, {"records": [{}]}, {"records": [{**RECORD, "name": None}]},
    {"records": [{**RECORD, "name": 3}]}, {"records": [{**RECORD, "manifest": []}]}, {"records": [{**RECORD, "settings": "s"}]},
    {"records": [{**RECORD, "errors": [{}]}]}, {"records": [{**RECORD, "errors": None}]}, {"records": [], "decisions": {}},
    {"records": [], "decisions": [{**DECISION, "package": None}]}, {"records": [], "decisions": [{**DECISION, "message": 3}]},
    {"records": [], "decisions": [{**DECISION, "settings": []}]}, {"records": [], "decisions": [], "known": [{"group": "a"}]}, [], "text", 3,
]  # fmt: skip


def test_answers_of_registries_are_read_alike(monkeypatch):
    with FakeRegistry() as fake:
        texts = [json.dumps(one).encode() for one in (*GOOD, *BAD)] + [b"", b"{", b"\xff", b"[" * 100000, b'{"records": [NaN]}']
        for number, text in enumerate(texts):
            fake.answer("GET", f"/{number}/v1/resolve", text)
        for status, code in ((400, "usage"), (404, "not-found"), (429, "too-many-requests"), (418, "tea"), (503, "unknown-outcome"), (500, None)):
            fake.answer("GET", f"/{len(texts)}/v1/resolve", {"code": code, "detail": "d\u001b[31m", "where": "/x", "errors": WARNED}, status=status)
            texts.append(b"")
        monkeypatch.setenv("TEST_ANSWERS", str(len(texts)))
        told = differences("answers", fake.url)
    assert told["count"] == len(texts) > 30 and told["good"] == len(GOOD)


def test_what_is_generated_is_what_the_library_has():
    code = "from registryclient import _generated as g, _native as n; print(n.statuses() == list(g.STATUSES), n.VERSION == g.VERSION)"
    assert run_python("-c", code).out == "True True\n"


# ---- the choice ----

NAME = "from registryclient import _engine, _engine_calls; print(_engine.NAME, _engine_calls.NAME)"


@pytest.mark.parametrize("wanted, name", [(None, "native native"), ("pure", "pure pure"), ("native", "native native"), ("fast", "native native")])
def test_the_variable_chooses_the_engine(wanted, name):
    assert run_python("-c", NAME, REGISTRYD_PYTHON_ENGINE=wanted).out.strip() == name


def test_an_engine_that_does_not_exist_is_told():
    code = "import registryclient; registryclient.entry_points(group='a'); print(*registryclient.diagnostics(), sep='\\n')"
    told = run_python("-c", code, REGISTRYD_PYTHON_ENGINE="fast", REGISTRYD_MODE="walk").out
    assert "engine-unknown" in told and "'fast' is no engine, so the native one is used" in told


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The package without its extension modules, as the pure wheel has it."""
    import shutil

    folder = tmp_path_factory.mktemp("bare")
    shutil.copytree(python.PACKAGE_DIR / "registryclient", folder / "registryclient", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return folder


def run_bare(bare, code, *arguments, program=python.SYSTEM, exit_code=0, **environment):
    made = python_environment(**environment)
    made.pop("LD_PRELOAD", None)
    made["PYTHONPATH"] = str(bare)
    return run_program(["env", "-i", *(f"{name}={value}" for name, value in made.items()), program, "-c", code, *arguments], code=exit_code)


def test_without_extension_modules_it_is_the_pure_one(bare):
    assert run_bare(bare, NAME).out.strip() == "pure pure"
    done = run_bare(bare, NAME, REGISTRYD_PYTHON_ENGINE="native", exit_code=1)
    assert "unset REGISTRYD_PYTHON_ENGINE" in done.err and "platform wheel" in done.err


# ---- signatures ----

OPEN = """
import sys
for name in sys.argv[2:]:
    sys.modules[name] = None
import registryclient
registryclient.configure(mode="registry", snapshot=sys.argv[1])
print(len(registryclient.entry_points(group="a.group")), *registryclient.diagnostics(), sep="\\n")
"""


def test_a_pinned_key_is_checked_or_the_snapshot_is_not_used(tmp_path):
    key, sign = key_pair()
    other, _ = key_pair()
    signed, plain = tmp_path / "signed", tmp_path / "plain"
    signed.write_bytes(snapshot(RECORDS, sign=sign))
    plain.write_bytes(snapshot(RECORDS))
    (tmp_path / "other").write_bytes(snapshot(RECORDS, sign=(sign[0], lambda message: bytes(64))))

    def opened(path, key, *without):
        return run_python("-c", OPEN, path, *without, REGISTRYD_SNAPSHOT_KEY=key, REGISTRYD_PYTHON_ENGINE="pure").out

    assert opened(signed, key).startswith("1\n")
    assert "is not signed, but a key is pinned" in opened(plain, key)
    assert "not with the pinned key" in opened(signed, other)
    assert "The signature of the snapshot is not valid" in opened(tmp_path / "other", key)
    told = opened(signed, key, "cryptography")
    assert told.startswith("0\n") and "cannot be checked, so the snapshot is not used" in told and "pip install cryptography" in told
    assert "64 hexadecimal digits" in opened(signed, "12")
