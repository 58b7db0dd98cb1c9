# SPDX-License-Identifier: MIT
"""Random cases for decision_rules: few names, packages and versions, so that they meet often. `case` makes one
whole discovery; its parts serve tests of one step."""

from support import decision_rules

GROUP = "app.plugins"
NAMES = ("crm", "hr", "bi")
PACKAGES = ("acme-crm", "acme-hr", "crm", "other")
VERSIONS = ("1.0", "1.0.0", "2.0", "2.0rc1", None, None, "not a version")
PINS = ("==1.0", ">=2", "~=1.0", "<2.0")
CODES = (*decision_rules.WITHHOLDING, *decision_rules.WARNING, *decision_rules.SILENT, "of-the-future")
HAS_VERSION = {"quarantined": 0.5, "yanked": 1, "advisory": 0.5, "unapproved": 0.3, "blocked-by-advisory": 0.7,
               "unknown-permission": 1}  # fmt: skip
ENTRY_CODES = ("disabled", "deprecated", "outside-pin")  # also about one entry point alone


def record(random, source, number):
    package = random.choice((*PACKAGES, None)) if source == "walk" else random.choice(PACKAGES)
    version = random.choice(VERSIONS) if source == "walk" else random.choice(("1.0", "2.0"))
    broken = source == "walk" and random.random() < 0.1
    return {"group": GROUP, "name": random.choice(NAMES), "value": None if broken else random.choice(("m:a", "m:b")),
            "package": package, "version": version, "source": source, "origin": f"{source}/{number}",
            "shadowed_by": None, "settings": None, "warnings": [], "errors": ["broken"] if broken else [],
            "installed": source == "walk" and random.random() < 0.3}  # fmt: skip


def decision(random):
    code = random.choice(CODES)
    row = {"group": GROUP if random.random() < 0.95 else "another.group", "package": random.choice(PACKAGES),
           "name": random.choice(NAMES), "version": None, "code": code, "message": "It was decided",
           "since": random.choice(("2026-11-30T12:00:00Z", None)), "by": random.choice(("admin:ops", None)),
           "by_name": code in ("quarantined", "disabled") and random.random() < 0.5}  # fmt: skip
    if random.random() < HAS_VERSION.get(code, 0):
        row["version"] = random.choice(("1.0", "2.0"))
    if code == "outside-pin":
        row["pin"] = random.choice(PINS)
    if code == "settings":
        row["settings"] = {"from": row["package"]}
    if code == "settings" and random.random() < 0.4:
        row["settings"]["of"] = row["name"]
    elif code in ("settings", "known", "owner", "group-deprecated"):
        row["name"] = None
    if code in ("alias", "enabled") or (code in ENTRY_CODES and random.random() < 0.4):
        row["entry_only"] = True
    if code in ("alias", "deprecated", "group-deprecated") and random.random() < 0.8:
        row["successor"] = random.choice(NAMES)
    if code == "group-deprecated" or (code == "owner" and random.random() < 0.2):
        row["package"] = "*"  # the group itself; all that are given
    return row


def row_order(row):
    return (*(row[key] or "" for key in ("group", "package", "name", "code", "version")), bool(row.get("entry_only")))


def decisions(random):
    rows = {row_order(row): row for row in (decision(random) for _ in range(random.randrange(6)))}
    seen, kept = set(), []
    for key in sorted(rows):  # settings exist once a package, and once an entry point
        about = (rows[key]["group"], rows[key]["package"], rows[key]["name"], rows[key]["code"])
        if rows[key]["code"] != "settings" or about not in seen:
            kept.append(rows[key])
        seen.add(about)
    return kept


def answer(random, number):
    records = [record(random, "registry", f"{number}-{index}") for index in range(random.randrange(4))]
    return {"records": records, "listed": random.random() < 0.25,
            "decisions": None if random.random() < 0.05 else decisions(random)}  # fmt: skip


def case(random):
    """A whole discovery: what each source says, the mode and how decisions are enforced."""
    roots = [[record(random, "walk", f"{root}-{index}") for index in range(random.randrange(4))]
             for root in range(random.randrange(1, 3))]  # fmt: skip
    return {"group": GROUP, "mode": random.choice(decision_rules.MODES),
            "enforce": random.choice((*decision_rules.ENFORCE, "on")),
            "roots": roots if random.random() < 0.95 else None,
            "registry": answer(random, "up") if random.random() < 0.7 else None,
            "kept": answer(random, "kept") if random.random() < 0.6 else None,
            "kept_is_old": random.random() < 0.3}  # fmt: skip
