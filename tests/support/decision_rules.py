# SPDX-License-Identifier: MIT
"""How a client applies decisions, a second time and plainly: the rules of docs/DECISIONS.md one after the other,
with Python's own `packaging`. The C library (client/walk/decide.c) and the Python package are both held against
these functions.

A record is a dict: group, name, value, package, version, source, origin, shadowed_by, settings, warnings and
errors (both lists of codes). An answer is what the registry or a snapshot said: {"records", "decisions",
"listed"}; "decisions" is None when it carries none (a snapshot of format 2).
"""

import copy

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

WITHHOLDING = ("quarantined", "disabled", "not-enabled", "unapproved", "blocked-by-advisory",
               "unknown-permission")  # in this precedence  # fmt: skip
WARNING = ("yanked", "deprecated", "outside-pin", "advisory", "alias")
SILENT = ("settings", "known", "owner", "enabled", "group-deprecated")
EXEMPTED = ("disabled", "not-enabled")  # what the code enabled sets aside, for one entry point
MODES = ("walk", "walk-first", "registry-first", "registry", "compare")
ENFORCE = ("strict", "on", "warn", "off")


def parse(version):
    """The version, or None when it is unknown or no version at all: nothing can be decided about either."""
    try:
        return Version(version) if version is not None else None
    except InvalidVersion:
        return None


# ---- one record ----


def is_known(record, answer):
    """Whether any record or row of the record's group names its package."""
    named = {(one["group"], one["package"]) for one in answer["records"] + (answer["decisions"] or [])
             if one.get("code") != "group-deprecated"}  # fmt: skip
    return record["package"] is not None and (record["group"], record["package"]) in named


def is_about(row, record, answer):
    """Whether the row is about this plugin, its version aside."""
    if row["group"] != record["group"]:
        return False
    if row.get("entry_only") and row["name"] != record["name"]:
        return False
    if row["package"] == record["package"]:
        return True
    return bool(row.get("by_name")) and row["name"] == record["name"] and not is_known(record, answer)


def holds(row, record):
    """Whether the row holds for the record's version: True, False, or None when the version is unknown."""
    version = parse(record["version"])
    if row.get("version") is not None:
        return None if version is None else version == Version(row["version"])
    if row["code"] == "outside-pin":
        if row.get("pin") is None:
            return False
        return None if version is None else not SpecifierSet(row["pin"]).contains(version, prereleases=True)
    return True


def best_row(code, record, answer):
    """The row of a code that holds: rather one about the entry point alone, then one of its name, else the first."""
    rows = [row for row in answer["decisions"] or []
            if row["code"] == code and is_about(row, record, answer) and holds(row, record)]  # fmt: skip
    if code in EXEMPTED and best_row("enabled", record, answer):
        return None
    return min(rows, key=lambda row: (row["name"] != record["name"], not row.get("entry_only")), default=None)


def has_unknown_version(record, answer):
    return any(row["code"] in WITHHOLDING + WARNING and is_about(row, record, answer) and holds(row, record) is None
               for row in answer["decisions"] or [])  # fmt: skip


def settings_of(record, answer):
    rows = [row for row in answer["decisions"] or []
            if row["code"] == "settings" and (row["group"], row["package"]) == (record["group"], record["package"])
            and row["name"] in (None, record["name"])]  # fmt: skip
    rows.sort(key=lambda row: row["name"] is None)  # those of the entry point hold those of the package
    return rows[0]["settings"] if rows else record.get("settings")


def withholding_code(record, answer, enforce):
    """The code that withholds the record, were the decisions in force; or None."""
    for code in WITHHOLDING:
        if best_row(code, record, answer):
            return code
    if answer["listed"] and enforce == "strict" and not is_known(record, answer):
        return "not-registered"
    return None


def decide_one(record, answer, enforce):
    """(record as it is returned or withheld, whether it is withheld)."""
    record = copy.deepcopy(record)
    record["settings"] = settings_of(record, answer)
    if enforce == "off":
        return record, False
    code = withholding_code(record, answer, enforce)
    if code and enforce != "warn":
        record["errors"].insert(0, code)
        return record, True
    if code:
        record["warnings"].append(code)
    record["warnings"] += [code for code in WARNING if best_row(code, record, answer)]
    if has_unknown_version(record, answer):
        record["warnings"].append("decision-version-unknown")
    if answer["listed"] and not is_known(record, answer) and not code:
        record["warnings"].append("not-registered")
    return record, False


def decide(walked, answer, enforce):
    """The walked records of one group, as (those returned, those withheld). Without decisions all are returned."""
    if answer is None or answer["decisions"] is None:
        return copy.deepcopy(walked), []
    decided = [decide_one(record, answer, enforce) for record in walked]
    return [record for record, withheld in decided if not withheld], [record for record, withheld in decided if withheld]


# ---- merging ----


def sort_key(record):
    return tuple((record[key] is not None, record[key] or "") for key in ("group", "name", "package", "origin"))


def merge_roots(roots):
    """Several roots of one group: the first root that has a name wins, the others' are shadowed."""
    merged, winners = [], {}
    for index, root in enumerate(roots):
        for record in root:
            record = copy.deepcopy(record)
            first, winner = winners.setdefault(record["name"], (index, record))
            both_installed = winner.get("installed") and record.get("installed")
            if first != index and not record["shadowed_by"] and not both_installed:
                record["shadowed_by"] = winners[record["name"]][1]["origin"]
                record["warnings"].append("shadowed")
            merged.append(record)
    return sorted(merged, key=sort_key)


def differ(one, other):
    return one is not None and other is not None and one != other


def merge_sources(first, second):
    """The first source's records as they are, then those of the second that add something."""
    merged = sorted(copy.deepcopy(first), key=sort_key)
    winners = {}
    for record in merged:
        if not record["shadowed_by"]:
            winners.setdefault(record["name"], record)
    for record in copy.deepcopy(second):
        winner = winners.get(record["name"])
        if winner is None or record["shadowed_by"]:
            merged.append(record)
        elif differ(winner["value"], record["value"]) or differ(winner["version"], record["version"]) or winner["errors"]:
            record["shadowed_by"] = winner["origin"]
            record["warnings"].append("shadowed")
            merged.append(record)
    return sorted(merged, key=sort_key)


def has_owner(package, group, answer):
    """Whether the team that owns the group publishes the package."""
    return any(row["code"] == "owner" and row["group"] == group and row["package"] in (package, "*")
               for row in answer["decisions"] or [])  # fmt: skip


def holder_of(given, walked, answer):
    """The walked plugin that keeps its name although the registry leads and gives `given`; or None."""
    holders = [one for one in walked if one["name"] == given["name"] and not one["shadowed_by"] and not one["errors"]]
    has_package = any(one["package"] == given["package"] for one in walked)
    can_load = has_package or any(not one.get("installed") and not differ(one["value"], given["value"]) for one in holders)
    if given["package"] is None or not holders or can_load or has_owner(given["package"], given["group"], answer):
        return None
    return holders[0]


def keep_names(known, walked, answer):
    """The given records, where those of which nothing is on this host leave the names to walked plugins."""
    known = copy.deepcopy(known)
    for record in known:
        holder = holder_of(record, walked, answer)
        if holder is not None:
            record["shadowed_by"] = holder["origin"]
            record["warnings"].append("shadowed")
    return known


# ---- a whole discovery ----


def unknown_codes(answer):
    known = WITHHOLDING + WARNING + SILENT
    return sorted({row["code"] for row in answer["decisions"] or []} - set(known))


def discover(case):
    """What a host gets for one group: {"records", "withheld", "diagnostics"}.

    `case`: mode, enforce, roots (a list of lists of records; None: they cannot be walked), registry (an answer;
    None: it does not answer) and kept (the answer of the last-known-good snapshot, or None) with kept_is_old.
    `diagnostics` are the codes that speak of decisions, sorted.
    """
    mode, enforce, diagnostics = case["mode"], case["enforce"], []
    asked = mode != "walk"
    answer = (case["registry"] or case["kept"]) if asked else None
    is_kept = asked and case["registry"] is None and case["kept"] is not None
    if enforce in ("warn", "off"):
        diagnostics.append(f"enforce-{enforce}")
    if not asked:
        diagnostics.append("decisions-not-asked")
    elif answer is None or answer["decisions"] is None:
        diagnostics.append("decisions-unknown")
    else:
        diagnostics += ["decision-unknown"] * len(unknown_codes(answer))
        diagnostics += ["group-deprecated"] * sum(row["code"] == "group-deprecated" for row in answer["decisions"])
    if is_kept and case["kept_is_old"]:
        diagnostics.append("snapshot-too-old")

    walks = mode != "registry" or answer is None
    roots = case["roots"] if walks else None
    decided = [decide(root, answer, enforce) for root in roots or []]
    walked = None if roots is None else merge_roots([returned for returned, _ in decided])
    withheld = sorted((record for _, held in decided for record in held), key=sort_key)
    diagnostics += ["withheld"] * len(withheld)

    known = answer["records"] if answer is not None else None
    if mode == "compare" and walked is not None:
        known = None  # it only tells the differences
    if mode == "registry-first" and known is not None and walked is not None:
        known = keep_names(known, walked, answer)
    first, second = (known, walked) if mode in ("registry-first", "registry") else (walked, known)
    records = merge_sources(first or [], second or [])
    return {"records": records, "withheld": withheld, "diagnostics": sorted(diagnostics)}
