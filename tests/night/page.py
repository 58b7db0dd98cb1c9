# SPDX-License-Identifier: MIT
"""The night's report for people: each row with its figure beside its goal."""
import html as markup

import plan

STYLE = """body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #ccc}
.wrong{background:#fbe3e3}.right{background:#e6f4e6}.part{background:#fdf6dd}.absent,.skipped{color:#555}code{font-size:.9em}"""


def result_of(run, results):
    """The result that counts: of this program, with the largest count."""
    key = plan.step(run, 1.0).key.rsplit(",", 1)[0]
    found = [result for name, result in results.items() if name.rsplit(",", 1)[0] == key]
    return max(found, key=lambda result: (result["status"] != "skipped", result.get("count") or 0), default=None)


def status_of(row, found):
    if not row.runs:
        return "absent"
    statuses = [result["status"] if result else "skipped" for result in found]
    for worst in ("wrong", "skipped"):
        if worst in statuses:
            return worst
    whole = all(result.get("count") == result.get("goal") for result in found)
    return "right" if whole and not row.missing else "part"


def reached(result):
    if not result:
        return "not run"
    words = [f"{result['count']:,} of {result['goal']:,}"] if result.get("count") and result.get("goal") else []
    words += [f"{name} {value}" for name, value in (result.get("figures") or {}).items()]
    words += [result["reason"]] if result.get("reason") else []
    return ", ".join(words) or f"passed in {result.get('seconds', 0):.0f} s"


def summary(row, results):
    found = [result_of(run, results) for run in row.runs]
    return {"id": row.id, "title": row.title, "goal": row.figure, "status": status_of(row, found),
            "reached": [reached(result) for result in found], "missing": row.missing,
            "seconds": round(sum((result or {}).get("seconds", 0) for result in found), 1)}


def html(report):
    cell = markup.escape
    lines = "".join(
        f'<tr class="{row["status"]}"><th scope="row">{cell(row["id"])}</th><td>{cell(row["title"])}</td><td>{cell(row["goal"])}</td>'
        f'<td>{row["status"]}</td><td>{"<br>".join(map(cell, row["reached"])) or "no program"}'
        f'{"<br><em>" + cell(row["missing"]) + "</em>" if row["missing"] else ""}</td></tr>' for row in report["rows"])
    count = {name: sum(row["status"] == name for row in report["rows"]) for name in ("right", "part", "wrong", "skipped", "absent")}
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>The night of {cell(report["began"])}</title>'
            f'<style>{STYLE}</style><h1>The night of {cell(report["began"])}</h1><p>Commit <code>{cell(report["commit"])}</code>, '
            f'{cell(report["machine"])}. ' + ", ".join(f"{number} {name}" for name, number in count.items()) +
            '.</p><p>right: the figure holds. part: what ran was right, but fewer times than the figure says, or not all of it.</p>'
            '<table><tr><th>row<th>what<th>figure that must hold<th>status<th>reached</tr>' + lines + "</table></html>\n")
