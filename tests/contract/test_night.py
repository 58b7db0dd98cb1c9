# SPDX-License-Identifier: MIT
"""The long programme (tests/night): its table is true, and its runner keeps its bounds, goes on and reports."""
import json
import pathlib
import sys

import pytest
from tree import ROOT, text_of

sys.path.insert(0, str(ROOT / "tests" / "night"))
import mutant_table  # noqa: E402
import night  # noqa: E402
import page  # noqa: E402
import plan  # noqa: E402
import rows  # noqa: E402
import soak  # noqa: E402
import testing_page  # noqa: E402
import watch  # noqa: E402

PROGRAMME = ([f"D{n}" for n in range(1, 21)] + [f"H{n}" for n in range(1, 16)] + ["F1", "F2"] + [f"A{n}" for n in range(1, 8)] +
             ["C1", "C2", "C3", "M1", "M2", "M3", "Q1", "Q2", "Q3", "Q4", "Q5", "O1"])


def test_every_row_is_there_once_and_has_a_program_or_a_reason():
    names = [row.id for row in rows.ROWS]
    assert len(names) == len(set(names)) and set(PROGRAMME) <= set(names)
    assert [row.id for row in rows.ROWS if not row.runs and not row.missing] == []


def test_every_file_of_the_table_exists():
    for row in rows.ROWS:
        for run in row.runs:
            for word in run.command:
                if word.startswith("{source}/") and not word.startswith("{source}/build"):
                    assert (ROOT / word.removeprefix("{source}/")).exists(), (row.id, word)
            if run.count and run.count.variable:
                assert run.count.least < run.count.goal
        for name in row.short:
            folder, file = name.split("_test_", 1)
            found = [*(ROOT / "tests").glob(f"{folder.replace('_', '/')}/test_{file}.*")]
            assert found, (row.id, name)


def test_a_variable_of_the_table_is_read_by_its_program():
    for row in rows.ROWS:
        for run in row.runs:
            files = [word for word in run.command if word.endswith(".py") and word.startswith("{source}/")]
            if run.count and run.count.variable and files:
                assert run.count.variable in text_of(ROOT, files[0].removeprefix("{source}/")), (row.id, run.count.variable)


def test_the_page_agrees_with_the_table():
    assert text_of(ROOT, "docs/TESTING.md") == testing_page.page()


def test_every_seeded_fault_still_fits_its_file():
    names = [mutant.name for mutant in mutant_table.MUTANTS]
    assert len(names) == len(set(names)) >= 25
    for mutant in mutant_table.MUTANTS:
        assert text_of(ROOT, mutant.file).count(mutant.old) == 1, mutant.name
        assert mutant.new != mutant.old and mutant.tests, mutant.name
        for name in mutant.tests:
            folder, file = name.split("_test_", 1)
            assert [*(ROOT / "tests").glob(f"{folder.replace('_', '/')}/test_{file}.*")], (mutant.name, name)


# ---- the plan ----

def program(text, minutes=1, count=None):
    return rows.Run(("{python}", "-c", text), minutes, count)


def test_counts_shrink_to_the_hours_and_never_below_the_least():
    counted = program("", 120, rows.Count("KILLS", 1000, 24))
    row = rows.Row("X1", "x", "x", (counted, program("", 30)))
    assert plan.share([row], 100) == 1.0
    assert plan.share([row], 1.5) == 0.5
    assert plan.step(counted, 0.5).count == 500 and plan.step(counted, 0.5).minutes == 60
    assert plan.step(counted, 0.0).count == 24
    assert plan.share([row], 0.1) == 0.0


def test_a_program_of_two_rows_runs_once():
    run = program("")
    assert plan.programs([rows.Row("X1", "x", "x", (run,)), rows.Row("X2", "x", "x", (run,))]) == [run]


def test_an_unknown_row_is_named():
    with pytest.raises(KeyError, match="X9"):
        plan.choose(rows.ROWS, ["X9"])


# ---- the runner ----

def ready(preset, log):
    return True


def run_night(folder, *runs, hours=1.0, fresh=False):
    table = [rows.Row(f"X{number}", "x", "x", (run,)) for number, run in enumerate(runs, 1)]
    good = night.night(table, hours, folder, fresh, built=ready)
    return good, json.loads((folder / "report.json").read_text())


def test_figures_and_statuses_are_reported(tmp_path):
    figures = "from support.figures import figure; figure('kills', 7)"
    good, report = run_night(tmp_path, program(figures), program("raise SystemExit(3)"))
    assert not good
    assert [row["status"] for row in report["rows"]] == ["right", "wrong"]
    assert report["rows"][0]["reached"] == ["kills 7"] and "exit status 3" in report["rows"][1]["reached"][0]
    assert "kills 7" in (tmp_path / "report.html").read_text()


def test_a_night_goes_on_where_it_ended(tmp_path):
    mark = tmp_path / "ran"
    once = program(f"open({str(mark)!r}, 'a').write('x')")
    assert run_night(tmp_path, once)[0]
    assert run_night(tmp_path, once)[0] and mark.read_text() == "x"
    assert run_night(tmp_path, once, fresh=True)[0] and mark.read_text() == "xx"


def test_results_of_other_sources_are_not_carried_over(tmp_path):
    assert run_night(tmp_path, program(""))[0]
    report = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**report, "commit": "another"}))
    assert night.read_report(tmp_path / "report.json", False)["results"] == {}
    (tmp_path / "report.json").write_text("no report")
    assert night.read_report(tmp_path / "report.json", False)["results"] == {}


def test_hours_that_are_over_end_the_night(tmp_path):
    good, report = run_night(tmp_path, program("import time; time.sleep(0.2)"), program(""), hours=0.00001)
    assert good and report["rows"][1]["status"] == "skipped" and "hours were over" in report["rows"][1]["reached"][0]


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path):
    text = "import subprocess, time; print(subprocess.Popen(['sleep', '60'], start_new_session=True).pid, flush=True); time.sleep(60)"
    status, reason = watch.run([sys.executable, "-c", text], tmp_path / "log", 0.5, {}, every=0.2)
    assert status is None and "longer than" in reason
    child = int((tmp_path / "log").read_text())
    path = pathlib.Path(f"/proc/{child}/stat")
    assert not path.exists() or path.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_a_program_that_takes_too_much_memory_is_killed(tmp_path):
    text = "import time; held = b'x' * (200 << 20); time.sleep(60)"
    status, reason = watch.run([sys.executable, "-c", text], tmp_path / "log", 60, {}, memory=100 << 20, every=0.2)
    assert status is None and "MiB of memory" in reason


def test_a_program_that_leaves_processes_is_wrong(tmp_path):
    text = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"
    status, reason = watch.run([sys.executable, "-c", text], tmp_path / "log", 60, {}, every=0.2)
    assert status is None and reason == "it left processes running"


def test_the_report_escapes_what_programs_print(tmp_path):
    _, report = run_night(tmp_path, program("from support.figures import figure; figure('<b>', '<script>')"))
    assert "<script>" not in page.html(report) and "&lt;script&gt;" in page.html(report)


def test_growth_is_a_share_of_the_mean_an_hour():
    assert soak.slope([(x, 100.0) for x in range(20)]) == 0
    assert abs(soak.slope([(x, 3600.0 + x) for x in range(-100, 101)]) - 1) < 1e-9
    assert soak.slope([(1, 1)]) is None
