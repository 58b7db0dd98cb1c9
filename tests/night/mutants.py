# SPDX-License-Identifier: MIT
"""Seeds each fault of mutant_table.py in a copy of the sources, builds it, and runs the tests that must notice it.

    mutants.py [--out FOLDER] [--only NAME...]        NIGHT_MUTANTS: at most so many

A fault that the compiler refuses is noticed, too. Exit status 1 when one survives; the report names it.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mutant_table import MUTANTS  # noqa: E402
from support.figures import figure  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def run(words, folder, log):
    with open(log, "ab") as output:
        return subprocess.run(words, cwd=folder, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode


def copy(folder):
    """The files under version control as they are now, and a build of them; kept from night to night, so that the compiler's cache helps."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():  # a file that is no longer there must not be built
        if path.is_dir() and not path.is_symlink() and path.name != "build-dev":
            shutil.rmtree(path)
    names = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], capture_output=True, check=True).stdout
    subprocess.run(["rsync", "-a", "--from0", "--files-from=-", f"{SOURCE}/", f"{folder}/"], input=names, check=True)
    for words in (["cmake", "--preset", "dev"], ["cmake", "--build", "build-dev"]):
        if run(words, folder, folder / "build.log"):
            sys.exit(f"mutants: the sources cannot be built; see {folder / 'build.log'}")


def verdict(mutant, folder, log):
    """killed (by a test), refused (by the compiler), or survived."""
    path = folder / mutant.file
    before = path.read_text()
    assert before.count(mutant.old) == 1, f"{mutant.name}: the text to change is not in {mutant.file} once"
    path.write_text(before.replace(mutant.old, mutant.new))
    try:
        if run(["cmake", "--build", "build-dev"], folder, log):
            return "refused"
        for name in mutant.tests:
            if run(["ctest", "--test-dir", "build-dev", "--output-on-failure", "--no-tests=error", "-R", f"^{name}$"], folder, log):
                return "killed"
        return "survived"
    finally:
        path.write_text(before)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=SOURCE / "build-night")
    parser.add_argument("--only", nargs="+", default=[])
    options = parser.parse_args()
    folder = options.out / "mutants"
    chosen = [mutant for mutant in MUTANTS if not options.only or mutant.name in options.only]
    chosen = chosen[:int(os.environ.get("NIGHT_MUTANTS", "1000"))]
    copy(folder)
    found = {}
    for mutant in chosen:
        log = options.out / f"mutant-{mutant.name}.log"
        log.unlink(missing_ok=True)
        found[mutant.name] = verdict(mutant, folder, log)
        print(f"mutants: {mutant.name}: {found[mutant.name]}", flush=True)
        (options.out / "mutants.json").write_text(json.dumps(found, indent=1) + "\n")
    survivors = [name for name, told in found.items() if told == "survived"]
    figure("faults seeded", len(found))
    figure("faults that survived", len(survivors))
    print(f"mutants: {len(found)} seeded, {len(survivors)} survived{': ' + ', '.join(survivors) if survivors else ''}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
