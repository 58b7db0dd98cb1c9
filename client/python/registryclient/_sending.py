# SPDX-License-Identifier: MIT
"""What a Registry sends, beside queries: releases, changes of its environment, reports; and the queries whose
answers are no list of records: search and explain.

Each is one request of the HTTP API (docs/HTTP.md), sent by the library with its rules for tokens, deadlines and
signals. A refusal is the exception of its status; `findings` of the exception has every fault.
"""

import os
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from . import _engine_calls
from ._findings import Finding
from .errors import RegistryError, from_status
from .records import Parity, Records

Json = dict[str, Any]


class Published(NamedTuple):
    """What became of a release: `created` is false when the registry had the same one already."""

    package: str
    version: str
    created: bool
    serial: int | None
    url: str | None
    warnings: tuple[Finding, ...]


class Change(NamedTuple):
    """A change of an environment: `changed` is false when it had no effect."""

    environment: str
    revision: int
    changed: bool
    summary: str
    serial: int | None


class Packages(NamedTuple):
    """A page of packages, each as the registry lists it. `total`: how many match; `corrected`: the words that were
    used in place of unknown ones."""

    packages: list[Json]
    total: int
    corrected: str | None


class Excluded(NamedTuple):
    """A release that a resolution left out."""

    package: str
    version: str
    code: str
    detail: str | None


class Explanation(NamedTuple):
    """The records of a resolution, and the releases that it left out."""

    records: Records
    excluded: tuple[Excluded, ...]


class Sender:
    """The part of Registry that sends."""

    environment: str | None
    roots: tuple[tuple[str | None, str], ...]
    convention: str | None
    mode: str | None
    facts: Json

    def _connection(self, snapshot: Any = None, facts: Json | None = None) -> Any:
        raise NotImplementedError

    def _binding(self, roots: Any = None) -> Any:
        raise NotImplementedError

    def _send(self, method: str, path: str, body: Any = None) -> Json:
        from json import dumps, loads

        return loads(_engine_calls.send(self._connection(), method, path, None if method == "GET" else dumps(body), None))

    # ---- publishing ----

    def publish(self, path: "str | os.PathLike[str]", *, version: str | None = None, convention: str | None = None,
                metadata_only: bool = False) -> Published:  # fmt: skip
        """Publishes what lies at a path: a wheel, an sdist, a project with a pyproject.toml, or a plugin directory,
        which is packed as a wheel unless `metadata_only`. Nothing is imported, built or run. Publishing the same again
        changes nothing. `version`: of a project that declares none; `convention`: "auto" (default), a name, or
        FILE.yaml.

        Fails with InvalidError (its `findings` say what is wrong), ConflictError (other content under this
        version), UnauthorizedError, ForbiddenError, UsageError (nothing to publish there)."""
        outcome, error, findings = self._publish(path, version, convention, metadata_only)
        if error is not None:
            raise error
        return Published(outcome["package"], outcome["version"], outcome["outcome"] == "published", outcome["serial"],
                         outcome.get("url"), findings)  # fmt: skip

    def _publish(self, path: Any, version: str | None, convention: str | None,
                 metadata_only: bool) -> tuple[Json, RegistryError | None, tuple[Finding, ...]]:  # fmt: skip
        """The outcome as registryctl prints it, the exception that it means, and its findings."""
        from json import loads

        told = _engine_calls.publish(self._connection(), path, version, convention or self.convention, metadata_only)
        status, where, message, text, rows = told
        error = from_status(status, where, message, rows) if status else None
        return loads(text), error, tuple(Finding(*row) for row in rows)

    # ---- the environment ----

    def _environment(self) -> str:
        return self.environment or os.environ.get("REGISTRYD_ENVIRONMENT") or "default"

    def _path_of_plugin(self, package: str) -> str:
        return f"/v1/environments/{quote(self._environment(), safe='')}/plugins/{quote(package, safe='')}"

    def _send_patch(self, package: str, patch: Any) -> Json:
        return self._send("PATCH", self._path_of_plugin(package), patch)

    def _change(self, package: str, patch: Any) -> Change:
        answer = self._send_patch(package, patch)
        return Change(answer["environment"], answer["revision"], answer["changed"], answer["summary"], answer.get("serial"))

    def enable(self, package: str, *, pin: str | None = None) -> Change:
        """Enables a package in the environment of this object; `pin`: and pins it."""
        return self._change(package, {"enabled": True, **({"pin": pin} if pin is not None else {})})

    def disable(self, package: str) -> Change:
        """Disables a package in the environment: hosts of the environment load none of its plugins, in every mode
        that asks the registry."""
        return self._change(package, {"enabled": False})

    def pin(self, package: str, specifier: str | None) -> Change:
        """Pins a package to the versions of a specifier ("~=1.2"); None removes the pin."""
        return self._change(package, {"pin": specifier})

    def settings(self, package: str, changes: Json | None = None, *, group: str | None = None,
                 name: str | None = None) -> Json:  # fmt: skip
        """What a host gets as the settings of a package: what the environment sets, over the defaults of the package's
        groups (with `group`, of that group alone). With `name`: of this entry point of the group. `changes` are merged into what the environment sets first: a None
        removes a key. Reading them needs the scope `environment:read`."""
        query = f"?{_query([('group', group), ('name', name)])}" if group is not None or name is not None else ""
        method = "GET" if changes is None else "PATCH"
        return self._send(method, f"{self._path_of_plugin(package)}/settings{query}", changes)["settings"]

    # ---- questions ----

    def search(self, words: str | None = None, *, groups: "tuple[str, ...] | list[str]" = (),
               classifiers: "tuple[str, ...] | list[str]" = (), status: str | None = None,
               limit: int | None = None) -> Packages:  # fmt: skip
        """The packages that match all of it, the best match first. Without words: by name."""
        answer = self._search(words, groups, classifiers, status, limit)
        return Packages(answer["packages"], answer.get("total") or 0, answer.get("corrected"))

    def _search(self, words: Any, groups: Any, classifiers: Any, status: Any, limit: Any) -> Json:
        parts = [("q", words), *(("group", group) for group in groups), *(("classifier", one) for one in classifiers),
                 ("status", status), ("environment", self.environment), ("limit", limit)]  # fmt: skip
        return self._send("GET", f"/v1/packages?{_query(parts)}")

    def explain(self, *groups: str, python: str | None = None, prereleases: bool = False,
                names: "tuple[str, ...] | list[str]" = (), packages: "tuple[str, ...] | list[str]" = ()) -> Explanation:  # fmt: skip
        """The registry's answer for the groups, as resolve(), and every release that it left out, with the
        reason."""
        answer = self._explain(groups, python, prereleases, names, packages)
        excluded = (Excluded(one["package"], one["version"], one["code"], one.get("detail")) for one in answer["excluded"])
        return Explanation(Records.from_json(answer["records"], self._binding()), tuple(excluded))

    def _explain(self, groups: "tuple[str, ...] | list[str]", python: str | None, prereleases: bool,
                 names: Any, packages: Any) -> Json:  # fmt: skip
        facts = self.facts
        parts = [*(("group", group) for group in groups), ("environment", self._environment()), ("explain", "1"),
                 ("python", python or facts.get("python")), ("prereleases", "1" if prereleases else None),
                 *(("have", f"{name}=={version}") for name, version in (facts.get("have") or {}).items()),
                 *(("marker", f"{name}={value}") for name, value in (facts.get("markers") or {}).items()),
                 *(("tag", tag) for tag in facts.get("tags") or ()),
                 *(("name", name) for name in names), *(("package", package) for package in packages)]  # fmt: skip
        return self._send("GET", f"/v1/resolve?{_query(parts)}")

    # ---- reports ----

    def report(self, parity: Parity, *, host: str | None = None, equal: bool | None = None,
               for_seconds: int | None = None, allow_empty: bool = False) -> Json:  # fmt: skip
        """Sends the result of compare(), so that the team sees in one place which hosts still need directory walking
        (`registryctl transition`). `host`: default the name of this machine; `equal`: another verdict than that of
        the comparison; `for_seconds`: how long reports must agree until a switch is safe, by default as the registry
        has it; `allow_empty`: the group is meant to be empty, else an empty report is refused. The registry's
        answer."""
        from . import _report

        roots = parity.roots if parity.roots is not None else self.roots
        report = parity.report if equal is None else {**parity.report, "equal": equal}
        body = _report.document(report, host, self._environment(), roots, self.convention,
                                for_seconds=for_seconds, allow_empty=allow_empty)
        return self._send("POST", "/v1/reports", body)


def _query(parts: list[tuple[str, Any]]) -> str:
    return urlencode([(name, value) for name, value in parts if value is not None], quote_via=quote)
