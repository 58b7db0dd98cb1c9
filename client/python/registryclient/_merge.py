# SPDX-License-Identifier: MIT
"""The modes that read the installed distributions: their walk, cached until a directory changes, and
what the registry adds to it or removes from it. The rules are those of the library's discover: decisions of
the registry withhold what must not run; then the first source of the mode answers for a name, the other one
fills gaps. So what is withheld hides nothing, and no gap is filled with it.
"""

from . import _walk
from ._decisions import Rules, group_row, unknown_code_row, withheld_row
from ._entry_points import Answers, EntryPoints, make_entry_point
from ._names import is_indexed_group, normalize


def entry_points_of(distribution) -> list:
    """The entry points of a distribution that was read."""
    more = {"dist": distribution.dist} if distribution.is_foreign else {}
    return [make_entry_point(name, value, group, _location=(distribution, index), **more)
            for index, (group, name, value) in enumerate(distribution.entries)]  # fmt: skip


LED_BY_WALK = ("walk", "walk-first", "compare")


class Walked:
    """One walk: its distributions, and their entry points by group in the walk's order."""

    def __init__(self, stamp: tuple):
        self.stamp = stamp
        self.distributions = _walk.walk()
        found: list = []
        by_group: dict[str, list] = {}
        for distribution in self.distributions:
            for entry_point in entry_points_of(distribution):
                found.append(entry_point)
                by_group.setdefault(entry_point.group, []).append(entry_point)
        self.all = EntryPoints(found)
        self.by_group = {group: EntryPoints(members) for group, members in by_group.items()}
        self.merged: dict = Answers()  # (group, snapshot) -> answer; emptied when the snapshot is replaced
        self.decided: dict[str, EntryPoints] = Answers()  # by group: without what is withheld; emptied likewise
        self.copies: dict = {}  # id of an entry point -> the copy that carries what was decided about it
        # groups that a warning of entry_points.txt names already, with its file and line
        self.reported = {group for distribution in self.distributions
                         if any(row[1] == "group-not-indexed" for row in distribution.rows)
                         for group, _, _ in distribution.entries if not is_indexed_group(group)}  # fmt: skip

    def forget_merged(self) -> None:
        """Empties what was made from a snapshot that was replaced."""
        self.merged, self.decided, self.copies = Answers(), Answers(), {}


def walked(state) -> Walked:
    """The walk of the path as it is now."""
    stamp = _walk.stamp()
    cached = state.walked
    if cached is None or cached.stamp != stamp:
        cached = state.walked = Walked(stamp)
        for distribution in cached.distributions:
            for row in distribution.rows:
                state.tell(row)
    return cached


def answer(state, group: str) -> EntryPoints:
    """The entry points of a group whose mode needs the walk."""
    mode = state.settings.mode_of(group)
    walk = walked(state)
    found = walk.by_group.get(group, EntryPoints())
    if found:
        state.tell_unindexed(group)
    if mode == "walk":
        tell_not_asked(state, group)
        return found
    state.refresh()
    merged, key = walk.merged, (group, state.snapshot.opened)
    if (made := merged.get(key)) is not None:
        return made
    known = None if mode == "registry" else state.from_registry(group)  # registry: it did not answer
    decided = _decide(state, walk, group, found)
    if known is None:
        return decided
    answered = merged[key] = _merge(state, mode, decided, known)
    return answered


# ---- decisions ----


class _Decided:
    """A walked distribution, for one record with what the registry decided about it."""

    __slots__ = ("walked", "_settings", "_rows")

    def __init__(self, walked, settings: str | None, rows: list):
        self.walked = walked
        self._settings = settings
        self._rows = rows

    def record(self, index: int) -> tuple:
        texts = self.walked.record(index)
        if self._settings is None:
            return texts
        return (*texts[:9], self._settings, *texts[10:])

    def findings(self, index: int) -> list:
        return [*self.walked.findings(index), *self._rows]

    def __getattr__(self, name):
        return getattr(self.walked, name)


def found_in(entry_point):
    """The walked distribution that an entry point was found in, or None."""
    location = entry_point.__dict__.get("_location")
    source = location[0] if location is not None else None
    source = source.walked if isinstance(source, _Decided) else source
    return source if isinstance(source, _walk.Distribution) else None


def tell_not_asked(state, group: str | None) -> None:
    modes = state.settings.groups
    if modes is None or group in modes:
        state.tell((False, "decisions-not-asked", None,
                    "The mode walk does not ask the registry. Quarantined and disabled plugins are not withheld.",
                    "Use another mode, for example walk-first"))  # fmt: skip


def _tell_unknown(state, why: str) -> None:
    state.tell((False, "decisions-unknown", state.snapshot.path,
                f"{why}. Quarantined and disabled plugins in the directories are not withheld.",
                "Pull a snapshot: registryctl snapshot pull"))  # fmt: skip


def _read_rules(state, group: str) -> Rules | str:
    """What the snapshot decided about a group; a clause that says why it is not known."""
    opened = state.snapshot.opened
    if opened is None:
        return "Neither the registry nor a snapshot answers"
    if not opened.has_group(group):
        return f"The snapshot does not hold the group {group}"
    try:
        rows = opened.decisions(group)
    except Exception as error:  # this part of the file was altered
        return f"The decisions in the snapshot cannot be read ({error})"
    if rows is None:
        return "The snapshot has no decisions"
    try:
        known = opened.find(group)
        packages = known.packages() if known is not None else ()
    except Exception:  # this group of the file was altered; from_registry tells it
        packages = None
    is_named = group in (state.settings.groups or ())
    return Rules(group, rows, packages, opened.policy()[0], (state.settings.enforce, state.snapshot.environment, is_named))


def rules_of(state, group: str) -> Rules | None:
    """What the snapshot decided about a group, or None: for what loads a plugin, which says nothing of its own."""
    key = ("rules", group)
    if key not in state.ready:
        state.ready[key] = _read_rules(state, group)
    rules = state.ready[key]
    return None if isinstance(rules, str) else rules


def _told_rules(state, group: str) -> Rules | None:
    """The same for what answers: a diagnostic says what is not known."""
    rules = _read_rules(state, group)
    if isinstance(rules, str):
        _tell_unknown(state, rules)
        return None
    for row in rules.unknown_codes.values():
        state.tell(unknown_code_row(row))
    if rules.deprecation is not None:
        state.tell(group_row(rules.deprecation))
    return rules


def _decide(state, walk: Walked, group: str, found: EntryPoints) -> EntryPoints:
    """What is left of a group's walk when the decisions hold; each withheld one is reported once."""
    if (made := walk.decided.get(group)) is not None:
        return made
    rules = _told_rules(state, group)
    if rules is None or rules.is_idle():
        left = found
    else:
        left = EntryPoints(one for one in (_decide_one(state, walk, rules, one) for one in found) if one is not None)
    if state.snapshot.opened is not None:
        walk.decided[group] = left
    return left


def _decide_one(state, walk: Walked, rules: Rules, entry_point):
    """The entry point, a copy with warnings and settings, or None when it is withheld."""
    source, index = entry_point.__dict__["_location"]
    texts = source.record(index)
    plugin = (texts[1], texts[3], texts[4], texts[7])
    outcome = rules.decide(*plugin)
    if outcome.code is not None:
        state.tell(withheld_row(*plugin, outcome))
        return None
    if not outcome.rows and outcome.settings is None:
        return entry_point
    more = {"dist": entry_point.__dict__["dist"]} if getattr(source, "is_foreign", False) else {}
    copy = make_entry_point(entry_point.name, entry_point.value, entry_point.group,
                            _location=(_Decided(source, outcome.settings, outcome.rows), index), **more)  # fmt: skip
    walk.copies[id(entry_point)] = copy
    return copy


def tell_group(state, group: str) -> None:
    """Reports that a group is deprecated."""
    rules = rules_of(state, group)
    if rules is not None and rules.deprecation is not None:
        state.tell(group_row(rules.deprecation))


def renamed(state, group: str, found: EntryPoints, params: dict) -> EntryPoints:
    """The entry points that an old name leads to."""
    rules = rules_of(state, group)
    row = rules.aliases.get(params["name"]) if rules is not None else None
    if rules is None or row is None:
        return EntryPoints()
    warning = rules.row_of(row)
    selected = found.select(**{**params, "name": row.successor})
    made = EntryPoints(_with_warning(one, warning) for one in selected if rules.leads_to(row, _package_of(one)))
    if made:
        state.tell(warning)
    return made


def _with_warning(entry_point, row: tuple):
    source, index = entry_point.__dict__["_location"]
    more = {"dist": entry_point.__dict__["dist"]} if getattr(source, "is_foreign", False) else {}
    return make_entry_point(entry_point.name, entry_point.value, entry_point.group,
                            _location=(_Decided(source, None, [row]), index), **more)  # fmt: skip


def settings_of(state, package: str) -> dict:
    """What the environment sets for a package."""
    state.refresh()
    opened = state.snapshot.opened
    if opened is None:
        if state.settings.only_mode() == "walk":
            tell_not_asked(state, None)
        else:
            _tell_unknown(state, f"There are no settings: {state.snapshot.reason}")
        return {}
    if opened.policy()[1]:
        state.tell((False, "settings-left-out", state.snapshot.path,
                    "The snapshot has no settings, because the token that fetched it may not read them",
                    "Pull it with a token that has environment:read"))  # fmt: skip
        return {}
    key = ("settings",)
    if key not in state.ready:
        state.ready[key] = _all_settings(opened)
    from json import loads

    return loads(state.ready[key].get(normalize(package), "{}"))


def _all_settings(opened) -> dict[str, str]:
    """JSON texts by package: of the decisions, and of records, which alone have them in earlier snapshots."""
    found: dict[str, str] = {}
    for group in opened.groups():
        for index in range(len(group)):
            texts = group.record(index)
            if texts[3] is not None and texts[9] is not None:
                found[normalize(texts[3])] = texts[9]
    for row in opened.decisions(None) or ():
        if row[4] == "settings" and row[9] is not None:
            found[normalize(row[1])] = row[9]
    return found


# ---- both sources ----


def _merge(state, mode: str, found: EntryPoints, known: EntryPoints) -> EntryPoints:
    if mode == "compare":
        _tell_differences(state, found, known)
        return found
    if mode == "registry-first":
        known = _keep_names(state, found, known)
    first, second = (known, found) if mode == "registry-first" else (found, known)
    names = first.names
    return EntryPoints((*first, *(entry_point for entry_point in second if entry_point.name not in names)))


def _package_of(entry_point) -> str | None:
    source, index = entry_point.__dict__["_location"]
    return source.record(index)[3]


def _keep_names(state, found: EntryPoints, known: EntryPoints) -> EntryPoints:
    """The registry's entry points without those that an installed distribution of another package keeps out: the
    package is not installed, so it could not be loaded, and a stranger may have published it. A package of the
    group's owner always takes the name. client/public/discover_present.c is the same in the library."""
    taken = [one for one in known if one.name in found.names]
    if not taken:
        return known
    installed = {_package_of(one) for one in found}
    rules = rules_of(state, taken[0].group)
    absent = set()
    for one in taken:
        package = _package_of(one)
        if package not in installed and not (rules is not None and rules.has_owner(package)):
            absent.add(id(one))
            holder = next(other for other in found if other.name == one.name).registry.origin
            state.tell((False, "shadowed", one.registry.origin,
                        f'"{one.name}" of the package {package} is not loaded: the package is not installed on this '
                        f"host, and {holder} has a plugin of that name",
                        "Install the package, or remove the plugin that is not wanted"))  # fmt: skip
    return EntryPoints(one for one in known if id(one) not in absent) if absent else known


def answer_all(state) -> EntryPoints:
    """Every group: those that the walk leads in the walk's order, then the others."""
    walk = walked(state)
    for group in walk.by_group:
        state.tell_unindexed(group)
    if state.settings.only_mode() == "walk":
        tell_not_asked(state, None)
        return walk.all
    state.refresh()
    merged, key = walk.merged, (None, state.snapshot.opened)
    if (made := merged.get(key)) is None:
        made = merged[key] = _answer_all(state, walk)
    return made


def _answer_all(state, walk: Walked) -> EntryPoints:
    groups = list(walk.by_group)
    if state.snapshot.opened is not None:
        groups += [name for name in _snapshot_groups(state) if name not in walk.by_group]
    answers = {group: state.group(group) for group in groups}
    led = {group for group in groups if state.settings.mode_of(group) in LED_BY_WALK}
    answered = {id(entry_point) for group in led for entry_point in answers[group]}
    decided = (walk.copies.get(id(entry_point), entry_point) for entry_point in walk.all)
    in_order = [entry_point for entry_point in decided if id(entry_point) in answered]
    seen = {id(entry_point) for entry_point in in_order}
    rest = (one for found in answers.values() for one in found if id(one) not in seen)
    return EntryPoints((*in_order, *rest))


def _snapshot_groups(state) -> list[str]:
    try:
        return [group.name() for group in state.snapshot.opened.groups()]
    except Exception as error:  # one group of it was altered
        state.tell((False, "registry-fallback", state.snapshot.path, f"The registry does not answer: {error}", None))
        return []


def _tell_differences(state, found: EntryPoints, known: EntryPoints) -> None:
    """Reports what a host would gain or lose, in the words of the library's compare."""
    by_name: dict = {}
    for entry_point in found:
        by_name.setdefault(entry_point.name, entry_point)
    registry = {entry_point.name: entry_point for entry_point in reversed(list(known))}
    for name in sorted({*by_name, *registry}):
        ours, theirs = by_name.get(name), registry.get(name)
        if theirs is None:
            _tell(state, "only-walk", ours, "is only in the directories")
        elif ours is None:
            _tell(state, "only-registry", theirs, "is only in the registry")
        elif ours.value != theirs.value:
            _tell(state, "other-value", ours, f"has another value in the registry: {theirs.value}, not {ours.value}")
        elif _differ(ours.registry.version, theirs.registry.version):
            _tell(state, "other-version", ours, "has another version in the registry: "
                  f"{theirs.registry.version}, not {ours.registry.version}")  # fmt: skip
        elif _differ(ours.registry.manifest, theirs.registry.manifest):
            _tell(state, "other-manifest", ours, "has another manifest in the registry")


def _differ(one, other) -> bool:
    return one is not None and other is not None and one != other


def _tell(state, code: str, entry_point, text: str) -> None:
    state.tell((False, code, entry_point.registry.origin, f'"{entry_point.name}" of {entry_point.group} {text}', None))
