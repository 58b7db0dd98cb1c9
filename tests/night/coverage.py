# SPDX-License-Identifier: MIT
"""coverage.py BUILD OUT: the whole suite on a build that counts lines, then gcovr's table of the folders. Tests that fail only because the
build is slow do not spoil the count: the suite's own row judges them."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.figures import figure  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = {"access": ("registryd/access/",), "publish": ("registryd/store/group_commit", "registryd/store/publish_write", "registryd/store/store_publish"),
           "feed": ("registryd/index/feed",), "snapshot": ("client/snapshot/", "schema/snapshot/")}
GOAL = 90.0


def main(build, out):
    for file in pathlib.Path(build).rglob("*.gcda"):
        file.unlink()
    subprocess.run(["ctest", "--test-dir", build, "-j2", "-LE", "long|night", "-E", "^(contract|browser|deploy)_"], check=False)
    report = pathlib.Path(out) / "coverage.json"
    subprocess.run(["gcovr", "-r", SOURCE, "--object-directory", build, "--gcov-ignore-parse-errors", "-f", "registryd/", "-f", "schema/", "-f", "client/",
                    "--json-summary-pretty", "--json-summary", report, "--html", pathlib.Path(out) / "coverage.html"], cwd=SOURCE, check=True)
    found = json.loads(report.read_text())
    figure("lines, %", found["line_percent"])
    figure("branches, %", found["branch_percent"])
    for name, folders in FOLDERS.items():
        files = [file for file in found["files"] if file["filename"].startswith(folders)]
        total = sum(file["line_total"] for file in files)
        figure(f"lines of {name}, %", round(100 * sum(file["line_covered"] for file in files) / max(total, 1), 1))
    print(f"coverage: {found['line_percent']} % of lines, {found['branch_percent']} % of branches")
    return 0 if found["line_percent"] >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
