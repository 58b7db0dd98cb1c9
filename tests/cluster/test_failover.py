# SPDX-License-Identifier: MIT
"""failover.py in its short forms; the figures of each run stay in the build folder, as cluster/NAME/report.json.
REGISTRYD_FAILOVERS and REGISTRYD_SECONDS_EACH: how many faults, and how long of each kind."""
import json
import os
import pathlib
import subprocess
import sys

import pytest
from support.daemon import BUILD_DIR
from support.figures import figure

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import machines  # noqa: E402

FAILOVERS = int(os.environ.get("REGISTRYD_FAILOVERS", "0"))
SECONDS_EACH = os.environ.get("REGISTRYD_SECONDS_EACH", "0")
SYNCHRONOUS = "cut,kill,pause,switchover,crash"
HISTORY = "daemon,connections" if SECONDS_EACH == "0" else "kill,pause,cut,switchover,daemon,connections"

pytestmark = pytest.mark.skipif(bool(machines.reason_to_skip()), reason=str(machines.reason_to_skip()))


def run(name, *arguments):
    """The report; the run must have been right."""
    folder = BUILD_DIR / "cluster" / name
    done = subprocess.run([sys.executable, HERE / "failover.py", "--out", folder, *arguments], capture_output=True,
                          text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, f"see {folder}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
    report = json.loads((folder / "report.json").read_text())
    told = report["history"]
    figure(f"{name}: faults", len(report["failovers"]))
    figure(f"{name}: acknowledged, lost", f"{told['acknowledged']}, {told['lost']}")
    figure(f"{name}: resolves, failed", f"{report['resolves']}, {len(report['failed_resolves'])}")
    figure(f"{name}: longest outage, s", round(max(one["outage_s"] for one in report["failovers"]), 1))
    return report


def test_nothing_acknowledged_is_lost_by_failovers():
    count = FAILOVERS or len(SYNCHRONOUS.split(","))
    report = run("synchronous", "--failovers", str(count), "--kinds", SYNCHRONOUS)
    assert report["history"]["lost"] == 0 and not report["failed_resolves"]
    assert report["history"]["epochs"] > 1 and report["history"]["acknowledged"] > 100


def test_what_asynchronous_replication_loses_is_stated_and_never_mixed():
    """The loss is in the report. A primary that comes back to daemons that saw its successor gets no change."""
    count = FAILOVERS // 5 or 2
    report = run("asynchronous", "--asynchronous", "--failovers", str(count), "--kinds", "resurrect,kill")
    assert report["history"]["epochs"] > 1 and "lost" in report["history"]


def test_the_history_of_other_faults_is_right():
    report = run("history", "--failovers", "2", "--kinds", HISTORY, "--seconds-each", SECONDS_EACH)
    assert report["history"]["lost"] == 0
