# SPDX-License-Identifier: MIT
"""The decisions of an answer a second time, plainly: for every group asked for and every package that ever
had an entry point there, each code of docs/RESOLUTION.md one after the other."""

import reference

WITHHELD = ("quarantined", "disabled", "not-enabled", "unknown-permission")


def names_of(releases, group):
    return sorted({name for release in releases for where, name, _ in release["entries"] if where == group})


def rows_of(package, group, host):
    """(name, version, code) of one package in one group, in any order."""
    plugin = host.plugins.get(package["name"], {})
    names = names_of(package["releases"], group)
    codes = []
    if package["status"] in ("quarantined", "deprecated"):
        codes.append(package["status"])
    if plugin.get("state") == "disabled":
        codes.append("disabled")
    if host.is_listed_only and plugin.get("state") is None:
        codes.append("not-enabled")
    if plugin.get("pin") is not None:
        codes.append("outside-pin")
    rows = [(name, None, code) for code in codes for name in names]
    for release in package["releases"]:
        for code in ("quarantined", "yanked"):
            if release[code] is not None:
                rows += [(name, release["version"], code) for name in names_of([release], group)]
        is_unknown = reference.strange_permission(release, host) or (
            host.permissions is not None and reference.unreadable(release, plugin))
        if is_unknown and release["quarantined"] is None:
            rows += [(name, release["version"], "unknown-permission") for name in names_of([release], group)]
    if plugin.get("settings"):
        rows.append((None, None, "settings"))
    return rows


def owner_of(group, owners):
    while group:
        if group in owners:
            return owners[group]
        group = group.rpartition(".")[0]
    return None


def first_in(packages, group, name):
    """The package that published the name there first; None when two did at one moment."""
    times = {}
    for package in packages:
        published = [release["published_ms"] for release in package["releases"] if name in names_of([release], group)]
        if published:
            times[package["name"]] = min(published)
    first = [package for package, moment in times.items() if moment == min(times.values())]
    return first[0] if len(first) == 1 else None


def owners_of(group, owner, packages, givers):
    """The rows of the packages that the group's owner publishes, of those that give a record; one for all of them."""
    given = [package for package in packages if (group, package["name"]) in givers]
    owned = [package["name"] for package in given if owner is not None and package["owner"] == owner]
    names = ["*"] if owned and len(owned) == len(given) else owned
    return [[group, name, None, None, "owner", False] for name in names]


def decide(case):
    """[[group, package, name, version, code, by_name]…], sorted."""
    host = reference.Host(case)
    given = {(record[0], record[1]) for record in reference.select(case)["records"]}
    givers = {(record[0], record[2]) for record in reference.select(case)["records"]}
    owners, decided = case["owners"], []
    asked = case["query"]["groups"] or sorted(
        {entry[0] for package in case["packages"] for release in package["releases"] for entry in release["entries"]})
    for group in asked:
        for package in case["packages"]:
            if not names_of(package["releases"], group):
                continue
            rows = rows_of(package, group, host)
            if (group, package["name"]) not in givers and not any(code in WITHHELD for _, _, code in rows):
                rows.append((None, None, "known"))
            for name, version, code in rows:
                owner = owner_of(group, owners)
                has_right = (package["owner"] == owner if owner is not None
                             else first_in(case["packages"], group, name) == package["name"])
                by_name = code in ("quarantined", "disabled") and (group, name) not in given and has_right
                decided.append([group, package["name"], name, version, code, by_name])
        decided += owners_of(group, owner_of(group, owners), case["packages"], givers)
    return sorted(decided, key=lambda row: [row[0], row[1], row[2] or "", row[4], row[3] or ""])
