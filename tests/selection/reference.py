# SPDX-License-Identifier: MIT
"""Selection a second time, plainly: the rules of docs/RESOLUTION.md one after the other, with Python's own
`packaging`. No cache, no table, no page; the tests compare registryd's answers with these."""

import json

from catalogues import MOMENTS
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from support.plugin_requirements import Requirement, World, newest_first, unknown_requirements

SEPARATE = ("python_version", "python_full_version")


class Host:
    """What is known: the environment with the question over it."""

    def __init__(self, case):
        document, query = case["environment"], case["query"]
        facts, policy = document.get("facts", {}), document.get("policy", {})
        self.python = query["python"] or facts.get("python")
        self.markers = {"extra": ""}
        if self.python:
            release = self.python.split(".")
            self.markers["python_version"] = ".".join(release[:2])
            if len(release) > 2:
                self.markers["python_full_version"] = self.python
        for name, value in facts.get("markers", {}).items():
            if not (query["python"] and name in SEPARATE):
                self.markers[name] = value
        self.markers.update(query["markers"])
        self.have = {**facts.get("have", {}), **dict(query["have"])}
        self.tags = set(query["tags"] or facts.get("tags", []))
        self.prereleases = query["prereleases"]
        if self.prereleases is None:
            self.prereleases = policy.get("prereleases", False)
        self.is_listed_only = policy.get("plugins") == "listed"
        self.min_age_ms = 1000 * policy.get("min_age_seconds", 0)
        self.permissions = document.get("permissions")
        self.plugins = document.get("plugins", {})
        self.now_ms = case["now_ms"]
        self.holds = case.get("holds", [])
        self.kept = {}  # truths of markers


# ---- markers with three values ----


def truth_of(tree, known):
    """True, False or None: it cannot be told. `and` binds closer than `or`."""
    if isinstance(tree, tuple):
        names = {part.value for part in tree if type(part).__name__ == "Variable"}
        if not names <= set(known):
            return None
        return Marker(" ".join(part.serialize() for part in tree)).evaluate(known)
    terms, products = [[]], []
    for part in tree:
        if part == "or":
            terms.append([])
        elif part != "and":
            terms[-1].append(truth_of(part, known))
    for factors in terms:
        products.append(False if False in factors else None if None in factors else True)
    return True if True in products else None if None in products else False


def applies(requirement, host, extras=frozenset()):
    """True, False or None: it cannot be told. A comparison with an extra holds for any of those asked for."""
    key = (str(requirement.marker), extras)
    if key not in host.kept:
        host.kept[key] = evaluate(requirement, host, extras)
    return host.kept[key]


def evaluate(requirement, host, extras):
    if not requirement.marker:
        return True
    truths = [truth_of(requirement.marker._markers, {**host.markers, "extra": extra}) for extra in extras or ("",)]
    return True if True in truths else None if None in truths else False


# ---- files that differ ----


def fits_tags(one, host):
    return not has_no_artifact(one, host)


def fits_python(one, host):
    return not host.python or one["requires_python"] is None or SpecifierSet(
        one["requires_python"]).contains(host.python, prereleases=True)


def by_its_file(release, host):
    """The release with the terms of the file that the host gets: the first that fits in all, else the first that fits by
    its tags, else the first."""
    files = [{"requires_python": one["requires_python"], "requires_dist": one["requires_dist"],
              "wheel_tags": one["tags"], "has_sdist": one["tags"] is None} for one in release.get("files", ())]
    if not files:
        return release
    by_tags = [one for one in files if fits_tags(one, host)]
    fitting = [one for one in by_tags if fits_python(one, host) and not refuses_host(one, host)
               and not any(truth is None for _, _, truth in requirements_of(one, host))]
    return {**release, **(fitting or by_tags or files)[0], "no_file_fits": not by_tags}


def with_files(package, host):
    return {**package, "releases": [by_its_file(release, host) for release in package["releases"]]}


# ---- one release ----


def requirements_of(release, host):
    """Those that name something the host has, with its version and whether they apply."""
    for text in release["requires_dist"]:
        requirement = Requirement(text)
        version = host.have.get(canonicalize_name(requirement.name))
        if version is not None:
            yield requirement, version, applies(requirement, host)


def refuses_host(release, host):
    return any(truth and not requirement.specifier.contains(version, prereleases=True)
               for requirement, version, truth in requirements_of(release, host))


def is_outside(pin, release):
    return pin is not None and not SpecifierSet(pin).contains(release["version"], prereleases=True)


def names_one_version(pin):
    return pin is not None and any(
        one.operator in ("==", "===") and not one.version.endswith(".*") for one in SpecifierSet(pin))


def has_no_artifact(release, host):
    wheels = release["wheel_tags"]
    return bool(host.tags and wheels and not release["has_sdist"]
                and not host.tags & set(wheels.split()))


def unreadable(release, plugin):
    """Whether an entry point keeps its manifest where it cannot be read, and the environment minds that."""
    return not plugin.get("accept_unknown_permissions") and any(
        manifest is None and group != "console_scripts" for group, _, manifest in release["entries"])


def strange_permission(release, host):
    asked = [name for _, _, manifest in release["entries"] if manifest
             for name in json.loads(manifest).get("permissions", [])]
    return host.permissions is not None and not set(asked) <= set(host.permissions)


def code_of(package, release, host):
    """The first rule that speaks against the release and has no exception, or None."""
    plugin = host.plugins.get(package["name"], {})
    excepted = {code for code, one in plugin.get("allow", {}).items() if MOMENTS[one["until"]] > 0}
    return next((code for code in codes_of(package, release, host, plugin) if code not in excepted), None)


def codes_of(package, release, host, plugin):
    """Every rule that speaks against the release, in the order of the rules."""
    pin, state = plugin.get("pin"), plugin.get("state")
    if package["status"] == "quarantined" or release["quarantined"] is not None:
        yield "quarantined"
    held = [after for is_group, name, after, _ in host.holds
            if name == package["name"] and not is_group or is_group and name in [one[0] for one in release["entries"]]]
    if held and release["id"] > min(held):
        yield "held"
    if state == "disabled":
        yield "disabled"
    is_plugin = any(one["entries"] for one in package["releases"])
    if host.is_listed_only and is_plugin and state not in ("enabled", "allowed"):
        yield "not-enabled"
    if is_outside(pin, release):
        yield "outside-pin"
    if release["yanked"] is not None and not names_one_version(pin):
        yield "yanked"
    if host.min_age_ms and host.now_ms - release["published_ms"] < host.min_age_ms:
        yield "too-new"
    is_judged = not release.get("no_file_fits")
    if is_judged and not fits_python(release, host):
        yield "requires-python"
    if is_judged and refuses_host(release, host):
        yield "requires-host"
    if is_judged and any(truth is None for _, _, truth in requirements_of(release, host)):
        yield "marker-unknown"
    if has_no_artifact(release, host):
        yield "no-compatible-artifact"
    if strange_permission(release, host) or (host.permissions is not None and unreadable(release, plugin)):
        yield "unknown-permission"


# ---- one package, and all ----


def are_allowed(package, host):
    pin = host.plugins.get(package["name"], {}).get("pin")
    return host.prereleases or bool(pin and SpecifierSet(pin).prereleases)


def candidates_of(package, host):
    """The releases that fit by themselves: the newest first, and pre-releases last where they are not taken."""
    fitting = [release for release in newest_first(package["releases"]) if code_of(package, release, host) is None]
    if are_allowed(package, host):
        return fitting
    return sorted(fitting, key=lambda release: Version(release["version"]).is_prerelease)


def world_of(case, host):
    packages = {package["name"]: package for package in case["packages"]}
    excepted = {name for name, plugin in host.plugins.items()
                if MOMENTS.get(plugin.get("allow", {}).get("requires-plugin", {}).get("until"), -1) > 0}
    return World({name: candidates_of(package, host) for name, package in packages.items()},
                 {name: package["releases"] for name, package in packages.items()},
                 lambda requirement, extras: applies(requirement, host, extras), set(host.have), excepted)


def choose(package, host, world):
    """The release taken (or None), and [(release, code)] of the others, newest first."""
    taken = world.choose(package["name"])
    left_out = []
    for release in newest_first(package["releases"]):
        if release is taken:
            continue
        code = code_of(package, release, host)
        if code is None and release["version"] in world.given_up[package["name"]]:
            code = "requires-plugin"
        if code is None:
            gave_way = (Version(release["version"]).is_prerelease and not are_allowed(package, host)
                        and not Version(taken["version"]).is_prerelease)
            code = "prerelease" if gave_way else "superseded"
        left_out.append((release, code))
    return taken, left_out


def warnings_of(package, release, host, known):
    codes = [package["status"]] if package["status"] in ("deprecated", "archived") else []
    codes += ["yanked"] if release["yanked"] is not None else []
    unknown = unknown_requirements(release, lambda one, extras: applies(one, host, extras), host.have, known)
    return codes + ["requires-unknown"] * (len(unknown) if host.have else 0)


def settle(rivals, contract):
    """What a contract makes of the records of one name; each is [package, origin, codes, shadowed_by]."""
    conflict, priority = contract
    if conflict in ("warn", "error") and len(rivals) > 1:
        for rival in rivals:
            rival[2].append("name-conflict")
    if conflict in ("first", "priority"):
        ranked = priority if conflict == "priority" else []
        winner = min(rivals, key=lambda one: (ranked.index(one[0]) if one[0] in ranked else len(ranked), one[0]))
        for rival in rivals:
            if rival is not winner:
                rival[2].append("name-conflict")
                rival[3] = winner[1]


def select(case):
    """{"records": [[group, name, package, version, shadowed_by, settings, codes, state]…], "excluded": […]}."""
    host = Host(case)
    groups = case["query"]["groups"]
    case = {**case, "packages": [with_files(package, host) for package in case["packages"]]}
    world = world_of(case, host)
    known = {package["name"] for package in case["packages"]}
    found, excluded = {}, []
    for package in sorted(case["packages"], key=lambda one: one["name"]):
        everywhere = {entry[0] for release in package["releases"] for entry in release["entries"]}
        if not (everywhere & set(groups) if groups else everywhere):
            continue
        taken, left_out = choose(package, host, world)
        excluded += [[package["name"], release["version"], code] for release, code in left_out]
        for group, name, _ in taken["entries"] if taken else ():
            if not groups or group in groups:
                origin = f"/v1/packages/{package['name']}/releases/{taken['version']}"
                found.setdefault((group, name), []).append(
                    [package["name"], origin, warnings_of(package, taken, host, known), None, taken["version"]])
    records = []
    for (group, name), rivals in sorted(found.items()):
        settle(rivals, case["contracts"].get(group, ("warn", [])))
        for package, _, codes, shadowed_by, version in rivals:
            settings = host.plugins.get(package, {}).get("settings")
            text = json.dumps(settings, separators=(",", ":")) if settings else None
            allowed = "allowed" if host.plugins.get(package, {}).get("state") == "allowed" else None
            records.append([group, name, package, version, shadowed_by, text, codes, allowed])
    return {"records": records, "excluded": excluded}
