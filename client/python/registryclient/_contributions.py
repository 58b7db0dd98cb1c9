# SPDX-License-Identifier: MIT
"""What plugins contribute to their host, merged over all of them: navigation, permissions, seed groups, routers, endpoints,
events. The records come from a registry, a snapshot or directories; their manifests say the rest. schema/contributions
merges the same records to the same document, and one table of cases holds both."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .records import Record

_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def _as_written(item, text: str) -> str:
    return text


def _without_slash(item, text: str) -> str:
    """"/crm/" is the address "/crm"."""
    return text.rstrip("/") or "/" if text else text


def _endpoint(item, text: str) -> str:
    """"POST /products/{}": what parameters are called does not tell two endpoints apart."""
    method = item.get("method")
    if not isinstance(method, str):
        return ""
    made, is_parameter = [], False
    for char in f"{method.translate(_UPPER)} {_without_slash(item, text)}":
        is_parameter = is_parameter and char != "}"
        if not is_parameter:
            made.append(char)
        is_parameter = is_parameter or char == "{"
    return "".join(made)


# List of the document, member of the manifest, shape of that member, key, further members that are kept, member with the
# origins when all plugins of a group share one item, list that is united then, code of a conflict and its words, subject.
_KINDS = (
    ("navigation", "nav", "objects", "path", ("label", "icon"), None, None, "navigation-path-shared", "the navigation path", _without_slash),
    ("permissions", "permissions", "texts", "name", (), "origins", None, None, None, _as_written),
    ("seed_groups", "seed_groups", "objects", "name", (), "origins", "permissions", "seed-group-shared", "the seed group", _as_written),
    ("dbt_workspaces", "dbt_workspace", "text", "path", (), None, None, None, None, _as_written),
    ("frontend_entries", "frontend_entry", "text", "path", (), None, None, None, None, _as_written),
    ("routers", "routers", "texts", "router", (), None, None, "router-shared", "the router", _as_written),
    ("router_prefixes", "router_prefixes", "texts", "prefix", (), None, None, "router-prefix-shared", "the route prefix", _without_slash),
    ("endpoints", "endpoints", "objects", "path", ("method", "tags", "request_model", "response_model"), None, None, "endpoint-shared",
     "the endpoint", _endpoint),
    ("events", "publishes", "texts", "name", (), "publishers", None, None, None, _as_written),
    ("events", "subscribes", "texts", "name", (), "subscribers", None, None, None, _as_written),
)  # fmt: skip


class _Merge:
    def __init__(self) -> None:
        self.document: dict = {kind[0]: [] for kind in _KINDS} | {"plugins": [], "unknown": [], "conflicts": []}
        self.rows: dict = {}
        self.united: set = set()
        self.claims: dict = {kind[7]: {} for kind in _KINDS if kind[7]}

    def add(self, record: "Record") -> None:
        origin = {"group": record.group, "name": record.name, "package": record.package, "version": record.version}
        manifest = record.manifest
        if record.errors or not isinstance(manifest, dict):
            self.document["unknown"].append({**origin, "reason": "broken" if record.errors else "no-manifest"})
            return
        kind = manifest.get("kind")
        self.document["plugins"].append({**origin, **({"kind": kind} if isinstance(kind, str) else {})})
        for kind in _KINDS:
            value = manifest.get(kind[1])
            items = [value] if kind[2] == "text" and value is not None else value if kind[2] != "text" and isinstance(value, list) else ()
            for item in items:
                self._add_item(kind, item, origin)

    def _add_item(self, kind: tuple, item, origin: dict) -> None:
        key, kept, origins, code, subject_of = kind[3], kind[4], kind[5], kind[7], kind[9]
        name = item.get(key) if kind[2] == "objects" and isinstance(item, dict) else item if kind[2] != "objects" else None
        if not isinstance(name, str) or not name or "\0" in name or not (subject := subject_of(item, name)):
            return
        if origins:
            self._add_merged(kind, name, item, origin)
        else:
            row = {key: name, **{member: item[member] for member in kept if member in item}, "origin": origin}
            self.document[kind[0]].append(row)
        if code:
            claimed = self.claims[code].setdefault((origin["group"], subject), {
                "code": code, "group": origin["group"], "subject": subject, "message": kind[8], "origins": []})  # fmt: skip
            _append_once(claimed["origins"], origin)

    def _add_merged(self, kind: tuple, name: str, item, origin: dict) -> None:
        place = (kind[0], origin["group"], name)
        row = self.rows.get(place)
        if row is None:
            row = self.rows[place] = {"group": origin["group"], kind[3]: name}
            self.document[kind[0]].append(row)
        if kind[6]:
            united = row.setdefault(kind[6], [])
            texts = item.get(kind[6])
            for text in texts if isinstance(texts, list) else ():
                if isinstance(text, str) and (*place, text) not in self.united:
                    self.united.add((*place, text))
                    united.append(text)
        _append_once(row.setdefault(kind[5], []), origin)

    def end(self) -> dict:
        for event in self.document["events"]:
            event.setdefault("publishers", [])
            event.setdefault("subscribers", [])
        for claims in self.claims.values():
            for claimed in claims.values():
                owners = claimed["origins"]
                if len(owners) > 1:
                    named = ", ".join(f'"{one["name"]}"' + (f' of {one["package"]}' if one["package"] else "") for one in owners)
                    claimed["message"] = f'{len(owners)} plugins contribute {claimed["message"]} "{claimed["subject"]}": {named}'
                    self.document["conflicts"].append(claimed)
        return self.document


def _append_once(origins: list, origin: dict) -> None:
    """A plugin's items come one after the other, so the last is the only one that can be this one."""
    if not origins or origins[-1] is not origin:
        origins.append(origin)


class Contributions:
    """What plugins contribute. Each list has dicts; an item names its plugin as `origin`, or several as `origins`.
    `to_dict()` is the document of `GET /v1/environments/E/contributions`, without environment and groups."""

    __slots__ = ("_document",)

    def __init__(self, records: "Iterable[Record]"):
        merge = _Merge()
        for record in records:
            if not record.shadowed_by:
                merge.add(record)
        self._document = merge.end()

    def __getattr__(self, name: str) -> list[dict]:
        if name.startswith("_") or name not in self._document:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._document[name]

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._document})

    def to_dict(self) -> dict:
        return self._document

    def __repr__(self) -> str:
        filled = ", ".join(f"{len(items)} {name}" for name, items in self._document.items() if items)
        return f"<Contributions: {filled or 'none'}>"
