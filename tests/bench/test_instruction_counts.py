# SPDX-License-Identifier: MIT
"""Nothing that hosts and publishers wait for takes 3 % more instructions than the counts that are kept."""

import json

import pytest

import instruction_counts as counts


def test_the_comparison_sees_growth():
    assert counts.grown({"walk": 1000}, {"walk": 1030}) == []
    assert counts.grown({"walk": 1000}, {"walk": 1031}) == ["walk: 1,031 instructions, kept 1,000"]
    assert counts.grown({}, {"new": 1}) == ["new: 1 instructions, kept 0"]


def test_no_count_grew():
    counts.build()
    kept = json.loads(counts.KEPT.read_text(encoding="utf-8"))
    if kept["made by"] != counts.made_by():
        pytest.skip(f"the kept counts are of another compiler, libc or processor: {kept['made by']}")
    assert counts.grown(kept["counts"], counts.measure()) == []
