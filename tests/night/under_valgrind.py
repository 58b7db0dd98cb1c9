# SPDX-License-Identifier: MIT
"""The unit tests of a build without sanitizers under valgrind's memcheck: under_valgrind.py BUILD. The tests that start a PostgreSQL or
confine themselves by system calls are left out: valgrind's own calls would be refused."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.figures import figure  # noqa: E402

LEFT_OUT = {"unit_registryd_test_private_postgres", "unit_extract_test_confine"}
WORDS = ("valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite", "--trace-children=no", "--fair-sched=yes")


def main(build):
    tests = sorted(path for path in (pathlib.Path(build) / "tests").glob("unit_*_test_*")
                   if path.is_file() and path.stat().st_mode & 0o100 and path.name not in LEFT_OUT)
    reports = []
    for test in tests:
        done = subprocess.run([*WORDS, test], capture_output=True, text=True, errors="replace", cwd=pathlib.Path(__file__).resolve().parents[2])
        if done.returncode:  # a report, or a test that fails only here
            reports.append(test.name)
            print(done.stdout[-2000:] + done.stderr[-4000:])
        print(f"valgrind: {test.name}: {'a report' if done.returncode == 99 else 'clean' if not done.returncode else f'exit status {done.returncode}'}", flush=True)
    figure("unit tests under valgrind", len(tests))
    figure("reports of valgrind, failures", len(reports))
    return 1 if reports or not tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
