# SPDX-License-Identifier: MIT
"""The scanners read files as the libraries do that they stand in for: every file of this machine, no difference.

The ordinary run reads the source tree and the packages of Python. SCANNER_ROOTS names other folders, with a
colon between two; the long form reads everything from "/".
"""
import json
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

PROBE = Path(os.environ["REGISTRYD_BUILD_DIR"]) / "tests" / "scanner_probe"
SOURCE = Path(os.environ["REGISTRYD_SOURCE_DIR"])
ROOTS = os.environ.get("SCANNER_ROOTS", f"{SOURCE}:{sysconfig.get_path('stdlib')}:/usr/lib/python3/dist-packages").split(":")
ENDINGS = {"toml": (".toml",), "yaml": (".yaml", ".yml")}
NO_FILES = ("/proc", "/sys", "/dev")


def files_that_end_with(endings):
    """Regular files; another user's folders are left out."""
    for root in ROOTS:
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in NO_FILES]
            paths = (os.path.join(folder, name) for name in names if name.endswith(endings))
            yield from (path for path in paths if "\n" not in path and os.path.isfile(path))


def compare(kind, paths):
    """The counts, and the files that are read in two ways."""
    lines = "".join(f"{path}\n" for path in paths)
    run = subprocess.run([PROBE, kind], input=lines.encode(errors="surrogateescape"), stdout=subprocess.PIPE, check=True)
    *different, counts = run.stdout.decode(errors="replace").splitlines()
    return json.loads(counts), different


@pytest.mark.parametrize("kind", ENDINGS)
def test_every_file_is_read_as_the_library_reads_it(kind):
    counts, different = compare(kind, files_that_end_with(ENDINGS[kind]))
    print(kind, counts)
    assert different == []
    assert counts["parsed"] > 20
    # a scanner that gives up too often is not worth its lines
    assert counts["scanned"] > counts["parsed"] / 2, counts
