# SPDX-License-Identifier: MIT
"""The package in the processes it is used in: threads, forks, subinterpreters, `python -I`, `-S`, zipapps."""

import shutil
import zipapp

import pytest
from support import python

GROUPS = 20


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A site with distributions, and the snapshot of it."""
    folder = tmp_path_factory.mktemp("place")
    for number in range(10):
        text = "\n".join(f"[group.{group}]\nname{number} = mod{number}:thing\n" for group in range(GROUPS))
        python.make_distribution(folder / "site", f"dist-{number}", entry_points=text)
    python.make_snapshot(folder / "plugins.snapshot", folder / "site")
    return folder


def run(place, code, *arguments, mode="registry", **more):
    return python.run(code, *arguments, path=[place / "site"], REGISTRYD_MODE=mode,
                      REGISTRYD_SNAPSHOT=place / "plugins.snapshot", **more)  # fmt: skip


THREADS = """
import threading, registryclient
from registryclient import _lookup
_lookup.RECHECK_SECONDS = 0
failures = []
ready = threading.Barrier(8)
def work(number):
    ready.wait()
    try:
        for turn in range(150):
            group = f"group.{(turn + number) % 20}"
            found = registryclient.entry_points(group=group)
            assert sorted(found.names) == [f"name{i}" for i in range(10)], found
            assert next(iter(found)).registry.group == group
            if turn % 50 == number:
                registryclient.configure(mode=("registry", "walk-first")[turn // 50 % 2])
            if turn % 70 == 0:
                assert registryclient.entry_points(name="name3").groups == {f"group.{i}" for i in range(20)}
    except BaseException as error:
        failures.append(error)
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failures, failures
print("done")
"""


def test_threads_look_up_at_once(place):
    for program in python.all_pythons():
        assert run(place, THREADS, python=program).stdout == "done\n"


WALKS = """
import sys, threading, registryclient
registry = registryclient.Registry(roots=[sys.argv[1]], convention="dist-info")
counts = []
threads = [threading.Thread(target=lambda: counts.append(len(registry.walk()))) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(set(counts), len(counts))
"""


def test_threads_walk_at_once(place):
    assert run(place, WALKS, place / "site").stdout == "{200} 8\n"


WAITING = """
import socket, threading, registryclient
server = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
registry = registryclient.Registry(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=2)
ended = []
def ask():
    for call in (registry.refresh, lambda: registry.resolve("a.group"), lambda: registry.discover("a.group", mode="registry")):
        try:
            call()
            ended.append("answered")
        except registryclient.RegistryError as error:
            ended.append(error.code)
thread = threading.Thread(target=ask)
thread.start()
turns = [0, 0, 0, 0]
while thread.is_alive():
    turns[len(ended)] += 1
    thread.join(0.01)
print(ended, [count > 3 for count in turns[:2]])
"""


def test_who_waits_for_a_registry_holds_nobody_up():
    told = python.run(WAITING).stdout
    assert told == "['timeout', 'timeout', 'answered'] [True, True]\n"  # discover tells it in a diagnostic


FORK = """
import os, signal, sys, threading, registryclient
may_hang = int(sys.argv[1])
assert len(registryclient.entry_points(group="group.1")) == 10
registryclient.Registry(roots=[os.environ["SITE"]]).walk()
stop = threading.Event()
def busy():
    while not stop.is_set():
        registryclient.configure()
        registryclient.entry_points(group="group.2")
threads = [threading.Thread(target=busy, daemon=True) for _ in range(2)]
[thread.start() for thread in threads]
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        told = [len(registryclient.entry_points(group="group.1")), len(registryclient.entry_points(group="group.3")),
                len(registryclient.entry_points(name="name3")),
                len(registryclient.entry_points()) if os.environ["REGISTRYD_MODE"] == "registry" else 200,
                len(registryclient.Registry(roots=[os.environ["SITE"]], convention="dist-info").walk())]
        if told != [10, 10, 20, 200, 200]:
            print(told, flush=True)
        os._exit(told != [10, 10, 20, 200, 200])
    ended = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGALRM and may_hang:
        may_hang -= 1
        continue
    assert ended == 0, f"a child ended with {ended}"
stop.set()
[thread.join() for thread in threads]
print("done")
"""


@pytest.mark.parametrize("mode", ["registry", "walk-first"])
def test_fork_while_threads_look_up(place, mode):
    # GCC's AddressSanitizer keeps the locks of its allocator over a fork (two threads that only list
    # directories show it), so under it one child may hang in malloc. Without it, none may.
    may_hang = 1 if python.sanitizer() else 0
    assert run(place, FORK, may_hang, mode=mode, SITE=place / "site").stdout == "done\n"


INTERPRETERS = """
import sys, threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import registryclient
# first here: Python's _blake2 keeps its keywords in the memory of the interpreter that calls it first
assert len(registryclient.entry_points(group="group.1")) == 10
code = '''
import registryclient, registryclient._engine, registryclient._engine_calls
for turn in range(50):
    found = registryclient.entry_points(group="group.1")
    assert len(found) == 10 and next(iter(found)).registry.package == "dist-0", found
    try:
        registryclient.Registry().walk("/no/such/root")
        raise SystemExit("no error")
    except registryclient.errors.UsageError:
        pass
registryclient.configure(mode="walk")
'''
failures = []
def work():
    try:
        for _ in range(3):
            one = interpreters.create()
            told = interpreters.run_string(one, code)
            if told is not None:
                failures.append(told)
            interpreters.destroy(one)
    except BaseException as error:
        failures.append(error)
threads = [threading.Thread(target=work) for _ in range(3 if sys.version_info >= (3, 12) else 1)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failures, failures
assert len(registryclient.entry_points(group="group.1")) == 10
print("done")
"""


def test_interpreters_have_states_of_their_own(place):
    """From 3.12 on each with a lock of its own, several at once."""
    for program in python.all_pythons():
        code = INTERPRETERS.replace("registryclient.errors.UsageError", "registryclient.RegistryError")
        assert run(place, code, python=program).stdout == "done\n", program


ISOLATED = """
import sys
sys.path.insert(0, sys.argv[1])
import registryclient
print(len(registryclient.entry_points(group="group.1")), sys.flags.isolated, sys.flags.no_site)
"""


@pytest.mark.parametrize("options", [("-I",), ("-S",), ("-I", "-S"), ("-s", "-E")])
def test_isolated_interpreters(place, options):
    told = run(place, ISOLATED, python.PACKAGE_DIR, options=options)
    # REGISTRYD_MODE and REGISTRYD_SNAPSHOT are ours, not Python's: they count all the same
    assert told.stdout == f"10 {int('-I' in options)} {int('-S' in options)}\n"


def test_modes_that_walk_do_so_without_site(place):
    code = "import sys; sys.path[:0] = sys.argv[1:]; import registryclient\n" \
           "print(len(registryclient.entry_points(group='group.1')))"  # fmt: skip
    told = python.run(code, python.PACKAGE_DIR, place / "site", options=("-I", "-S"), REGISTRYD_MODE="walk")
    assert told.stdout == "10\n"


def make_zipapp(folder, carries_package):
    source = folder / "app"
    source.mkdir()
    (source / "__main__.py").write_text(
        "import registryclient\nprint(len(registryclient.entry_points(group='group.1')),"
        " len(registryclient.entry_points(group='in.zip')))\n"
    )
    (source / "zipped-1.0.dist-info").mkdir()
    (source / "zipped-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n")
    (source / "zipped-1.0.dist-info/entry_points.txt").write_text("[in.zip]\nname = module:thing\n")
    if carries_package:
        shutil.copytree(python.PACKAGE_DIR / "registryclient", source / "registryclient")
    zipapp.create_archive(source, folder / "app.pyz")
    return folder / "app.pyz"


def test_a_zipapp_uses_the_package_beside_it_and_finds_what_it_carries(place, tmp_path):
    app = make_zipapp(tmp_path, carries_package=False)
    code = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[1], run_name='__main__')"
    assert run(place, code, app, mode="walk-first").stdout == "10 1\n"


def test_a_zipapp_that_carries_the_package_uses_the_engine_in_python(place, tmp_path):
    app = make_zipapp(tmp_path, carries_package=True)
    code = ("import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[1], run_name='__main__');"
            "from registryclient import _engine; print(_engine.NAME, 'app.pyz' in _engine.__file__)")  # fmt: skip
    assert run(place, code, app, mode="walk-first").stdout == "10 1\npure True\n"
