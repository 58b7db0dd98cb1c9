# SPDX-License-Identifier: MIT
"""Rows measured several times, and two reports compared: what moved by more than both runs spread.

A row moved when the values of the two runs do not overlap at all: every value of the one lies above every value of
the other. That asks nothing of the machine's noise but what the runs themselves showed of it.
"""
import json
import statistics


def combine(passes):
    """One row of the rows of each pass: the median, with all values. `passes`: lists of rows; a row that is not in every pass is an error
    of the program that measures."""
    names = [one["what"] for one in passes[0]]
    assert all([one["what"] for one in rows] == names for rows in passes), "the passes have other rows"
    combined = []
    for at, name in enumerate(names):
        values = sorted(rows[at]["value"] for rows in passes)
        middle = statistics.median(values)
        nearest = min((rows[at] for rows in passes), key=lambda one: abs(one["value"] - middle))
        combined.append({**nearest, "values": values})
    return combined


def read(path):
    """The rows of a report by name. ValueError says in words what is wrong with the file."""
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        return {one["what"]: one for one in report["rows"]}
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no report of ./dev bench --json") from error


def values_of(one):
    return one.get("values") or [one["value"]]


def moved(before, after):
    """The factor when every value lies on one side of all of the other run's, else None."""
    old, new = values_of(before), values_of(after)
    if min(new) <= max(old) and min(old) <= max(new):
        return None
    return after["value"] / before["value"] if before["value"] else float("inf")


def compare(before, rows):
    """Lines for people: what moved, then what only one of the two has."""
    lines, names = [], {one["what"] for one in rows}
    for one in rows:
        other = before.get(one["what"])
        factor = moved(other, one) if other and other["unit"] == one["unit"] else None
        if factor is not None:
            old, new = values_of(other), values_of(one)
            lines.append(f"{one['what']}: {factor:.2f} x: {old[0]:g} to {old[-1]:g}, now {new[0]:g} to {new[-1]:g} {one['unit']}")
    both = len(names & set(before))
    lines.append(f"{len(lines)} of {both} rows moved by more than both runs spread")
    lines += [f"new: {one['what']}" for one in rows if one["what"] not in before]
    lines += [f"not measured now: {name}" for name in before if name not in names]
    return lines
