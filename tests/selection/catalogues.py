# SPDX-License-Identifier: MIT
"""Random catalogues with environments and questions. Small worlds with few names and versions, so that
everything meets everything: bounds are hit exactly, names collide, pins name yanked releases."""

import json

GROUPS = ("app.hooks", "app.plugins", "console_scripts")
VERSIONS = ("0.9", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1.dev3", "1.1", "1.2", "2.0b1", "2.0",
            "1!0.1")
PYTHONS = ("3.8", "3.9.7", "3.11", "3.11.2", "3.12.0", "3.13.0rc1")
PYTHON_SETS = (None, None, ">=3.9", "<3.12", ">=3.11.2", ">3.11", "~=3.9", "!=3.12.*,>=3.8", "==3.11.*")
NAMES = ("blog", "crm", "mail", "shop", "wiki")
HOSTS = ("host", "toolkit", "long-name")
HOST_VERSIONS = ("4.1", "4.2", "4.2.0", "4.2.1", "5.0rc1", "5.0")
BOUNDS = ("", ">=4.2", ">4.2", "<=4.2.0", "<4.2", "==4.2", "!=4.2", "~=4.2", ">=4,<5", ">=5.0rc1", "==4.*")
PLUGIN_BOUNDS = ("", ">=1.0", ">=1.1", "<1.1", "<2", "==1.0", "==1.*", "!=2.0", "~=1.0", ">=2.0b1", "==1.2", ">=9")
MARKERS = ("", "", "", ' ; sys_platform == "linux"', ' ; sys_platform != "win32"', ' ; python_version >= "3.11"',
           ' ; python_full_version < "3.11.2"', ' ; extra == "more"', ' ; os_name == "nt" and sys_platform == "linux"',
           ' ; os_name == "nt" or python_version < "3.12"',
           ' ; (os_name == "posix" or extra == "x") and implementation_name == "cpython"')
SPELLINGS = {"host": ("host", "Host"), "toolkit": ("toolkit",), "long-name": ("Long_Name", "long.name", "long--name")}
TAGS = ("py3-none-any", "cp311-cp311-linux_x86_64", "cp312-cp312-win_amd64", "py2-none-any")
PINS = ("==1.0", "==1.*", ">=1.0", "<1.1", "==1.0b2", ">=1.0a1", "!=1.1", "~=1.0", "===1.1", "==2.0b1", ">=1.0,<2",
        "==9")
PERMISSIONS = ("read", "write", "admin")
NOW_MS = 1_800_000_000_000
EXCEPTIONS = ("requires-plugin", "too-new", "requires-python", "requires-host", "marker-unknown")
MOMENTS = {"2027-01-15T07:59:59Z": -1000, "2027-01-15T08:00:00Z": 0, "2027-01-15T08:00:01Z": 1000}  # of NOW_MS


def maybe(random, value, chance):
    return value if random.random() < chance else None


def requirement(random):
    name = random.choice(HOSTS + NAMES + ("unrelated",))
    spelling = random.choice(SPELLINGS.get(name, (name,)))
    extras = random.choice(("", "", "", "[db]", "[more]", "[x,more]"))
    if random.random() < 0.05:
        return f"{spelling}{extras} @ https://example.org/x.whl{random.choice(MARKERS)}"
    bounds = PLUGIN_BOUNDS if name in NAMES else BOUNDS
    return f"{spelling}{extras}{random.choice(bounds)}{random.choice(MARKERS)}"


def entries(random):
    points = {(random.choice(GROUPS), random.choice("abc")) for _ in range(random.choice((0, 1, 1, 2, 3)))}
    manifests = [None, "{}", json.dumps({"permissions": random.sample(PERMISSIONS, random.randint(0, 2))})]
    return [[group, name, random.choice(manifests)] for group, name in sorted(points)]


def release(random, version):
    wheels = random.sample(TAGS, random.choice((0, 0, 1, 1, 2)))
    return with_files(random, {
        "version": version, "yanked": maybe(random, "slow", 0.15), "quarantined": maybe(random, "", 0.05),
        "requires_python": random.choice(PYTHON_SETS),
        "requires_dist": [requirement(random) for _ in range(random.choice((0, 0, 1, 2, 3)))],
        "wheel_tags": " ".join(sorted(wheels)) or None, "has_sdist": random.random() < 0.2,
        "published_ms": NOW_MS - random.choice((0, 59_999, 60_000, 60_001, 500_000)), "entries": entries(random),
    }, lambda: [requirement(random) for _ in range(random.choice((0, 1, 2)))], TAGS)  # fmt: skip


def with_files(random, one, requirements, tags):
    """Some releases have files that differ: wheels, and perhaps a source distribution behind them."""
    if random.random() < 0.2:
        count = random.randint(1, 4)
        one["files"] = [{"file": f"{one['version']}-{number}", "requires_python": random.choice(PYTHON_SETS),
                         "requires_dist": requirements(),
                         "tags": None if number == count - 1 and random.random() < 0.3 else random.choice(tags)}
                        for number in range(count)]
    return one


def package(random, name):
    versions = random.sample(VERSIONS, random.choice((1, 1, 2, 3, 5)))
    status = random.choice(("active",) * 8 + ("deprecated", "archived", "quarantined"))
    return {"name": name, "status": status, "releases": [release(random, version) for version in versions]}


def markers(random):
    return {name: value for name, value in (("sys_platform", "linux"), ("os_name", "posix"),
                                            ("implementation_name", "cpython")) if random.random() < 0.6}


def versions_had(random):
    return {name: random.choice(HOST_VERSIONS) for name in HOSTS if random.random() < 0.6}


def plugin(random):
    allow = {code: {"until": random.choice(sorted(MOMENTS)), "reason": "tried"} for code in EXCEPTIONS if random.random() < 0.3}
    state = random.choice(("enabled", "enabled", "disabled", "allowed", None))
    one = {"state": state, "allow": maybe(random, allow, 0.5),
           "accept_unknown_permissions": maybe(random, True, 0.3), "pin": maybe(random, random.choice(PINS), 0.5),
           "settings": maybe(random, {"size": 1}, 0.3)}
    return {key: value for key, value in one.items() if value is not None}


def environment(random, names):
    document = {}
    facts = {"python": maybe(random, random.choice(PYTHONS), 0.6), "markers": markers(random),
             "have": versions_had(random), "tags": random.sample(TAGS, random.choice((0, 0, 1, 2)))}
    policy = {"plugins": random.choice(("all", "all", "all", "listed")), "prereleases": random.random() < 0.2,
              "min_age_seconds": random.choice((0, 0, 60))}
    if random.random() < 0.8:
        document["facts"] = {key: value for key, value in facts.items() if value}
    if random.random() < 0.6:
        document["policy"] = policy
    if random.random() < 0.3:
        document["permissions"] = random.sample(PERMISSIONS, random.randint(0, 3))
    if random.random() < 0.6:
        document["plugins"] = {name: plugin(random) for name in names if random.random() < 0.6}
    return document


def query(random):
    return {
        "groups": sorted(random.sample(GROUPS, random.choice((0, 1, 1, 2, 3)))),
        "python": maybe(random, random.choice(PYTHONS), 0.3),
        "have": sorted(versions_had(random).items()) if random.random() < 0.3 else [],
        "markers": sorted(markers(random).items()) if random.random() < 0.3 else [],
        "tags": sorted(random.sample(TAGS, 2)) if random.random() < 0.2 else [],
        "prereleases": random.choice((None, None, None, True, False)),
    }  # fmt: skip


def contracts(random, names):
    return {group: (random.choice(("warn", "all", "error", "first", "priority")), random.sample(names, len(names) // 2))
            for group in GROUPS if random.random() < 0.5}


def holds(random, packages):
    """Numbers the releases as if they were published one after the other, and holds some packages and groups."""
    releases = [release for one in packages for release in one["releases"]]
    for number, release in enumerate(random.sample(releases, len(releases)), 1):
        release["id"] = number
    asked = [(False, one["name"]) for one in packages] + [(True, group) for group in GROUPS]
    return [[is_group, name, random.randint(0, len(releases)), "under review"]
            for is_group, name in sorted(asked) if random.random() < 0.08]


def case(random):
    names = sorted(random.sample(NAMES, random.randint(0, 5)))
    packages = [package(random, name) for name in names]
    return {
        "packages": packages, "contracts": contracts(random, names), "holds": holds(random, packages),
        "environment": environment(random, names), "query": query(random), "now_ms": NOW_MS,
        "limit": random.randint(1, 4),
    }  # fmt: skip


# ---- packages that require each other, and little else ----

CHAIN = tuple(f"p{number}" for number in range(8))
CHAIN_VERSIONS = ("1.0", "2.0", "3.0b1", "3.0", "4.0rc1", "4.0")
CHAIN_BOUNDS = ("", "", ">=2.0", "<3", "==1.0", "==2.0", "==3.0", ">=3.0", "!=4.0", "<2", ">=3.0b1", "<=4.0")
CHAIN_MARKERS = ("", "", "", "", "", ' ; extra == "fast"', ' ; extra == "all"', ' ; os_name == "nt"')


def chain_requirements(random, version, names):
    """Half of them require the same version of another, as suites of plugins do."""
    requirements = []
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        name, extras = random.choice(names), random.choice(("", "", "", "[fast]", "[all]", "[fast,all]"))
        bound = f"=={version}" if random.random() < 0.4 else random.choice(CHAIN_BOUNDS)
        requirements.append(f"{name}{extras}{bound}{random.choice(CHAIN_MARKERS)}")
    return requirements


def chain_release(random, version, names):
    one = {"version": version, "yanked": None, "quarantined": maybe(random, "bad", 0.04), "requires_python": None,
           "requires_dist": chain_requirements(random, version, names), "wheel_tags": None, "has_sdist": True, "published_ms": 0,
           "entries": random.choice(([], [["app.plugins", "a", None]], [["app.hooks", "b", "{}"]]))}  # fmt: skip
    return with_files(random, one, lambda: chain_requirements(random, version, names), TAGS)


def chain_case(random):
    names = CHAIN[:random.randint(1, len(CHAIN))]
    packages = []
    for name in names:
        versions = sorted(random.sample(CHAIN_VERSIONS, random.randint(1, 5)))
        asked = names if random.random() < 0.9 else names + ("elsewhere",)
        packages.append({"name": name, "status": random.choice(("active",) * 12 + ("quarantined",)),
                         "releases": [chain_release(random, version, asked) for version in versions]})
    plugins = {name: {"pin": random.choice((">=2.0", "<4", "==2.0", "==3.0b1"))} for name in names if random.random() < 0.1}
    plugins.update({name: {"state": "disabled"} for name in names if random.random() < 0.05})
    facts = {"have": {random.choice(names): random.choice(CHAIN_VERSIONS)}} if random.random() < 0.2 else {}
    document = {"facts": facts, "plugins": plugins, "policy": {"prereleases": random.random() < 0.2}}
    return {"packages": packages, "contracts": {}, "environment": document, "now_ms": NOW_MS, "limit": random.randint(1, 5),
            "query": {"groups": random.choice(([], ["app.plugins"], ["app.hooks"], ["app.hooks", "app.plugins"])),
                      "python": None, "have": [], "markers": [], "tags": [], "prereleases": None}}  # fmt: skip
