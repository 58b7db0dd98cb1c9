# SPDX-License-Identifier: MIT
"""How two reports of `./dev bench` are compared (tests/bench/against.py)."""
import json
import sys

import pytest
from tree import ROOT

sys.path.insert(0, str(ROOT / "tests" / "bench"))
import against  # noqa: E402


def row(what, value, **more):
    return {"what": what, "value": value, "unit": "ms", **more}


def test_the_median_stands_for_the_passes_and_all_values_are_kept():
    (one,) = against.combine([[row("a", 3, beside="slow")], [row("a", 1)], [row("a", 2, beside="this")]])
    assert one["value"] == 2 and one["values"] == [1, 2, 3] and one["beside"] == "this"


@pytest.mark.parametrize(("old", "new", "factor"), [
    ([1, 2, 3], [2, 3, 4], None), ([1, 2, 3], [3, 4, 5], None), ([1, 2, 3], [4, 5, 6], 2.5), ([4, 5, 6], [1, 2, 3], 0.4), ([2], [2], None), ([2], [3], 1.5)])
def test_what_overlaps_has_not_moved(old, new, factor):
    before, after = (row("a", sorted(values)[len(values) // 2], values=values) for values in (old, new))
    assert against.moved(before, after) == factor


def test_lines_name_what_moved_what_is_new_and_what_is_gone():
    before = {"a": row("a", 2, values=[1, 2, 3]), "b": row("b", 1, values=[1]), "gone": row("gone", 1), "unit": {**row("unit", 1), "unit": "s"}}
    lines = against.compare(before, [row("a", 9, values=[8, 9, 10]), row("b", 1, values=[1]), row("new", 1), row("unit", 5)])
    assert lines == ["a: 4.50 x: 1 to 3, now 8 to 10 ms", "1 of 3 rows moved by more than both runs spread", "new: new", "not measured now: gone"]


def test_a_file_that_is_no_report_is_named(tmp_path):
    path = tmp_path / "report.json"
    for text in ("", "[]", '{"rows": 3}', '{"rows": [{}]}'):
        path.write_text(text)
        with pytest.raises(ValueError, match="report.json is no report"):
            against.read(path)
    with pytest.raises(ValueError, match="No such file"):
        against.read(tmp_path / "none.json")
    path.write_text(json.dumps({"rows": [row("a", 1)]}))
    assert against.read(path) == {"a": row("a", 1)}
