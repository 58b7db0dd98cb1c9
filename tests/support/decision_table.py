# SPDX-License-Identifier: MIT
"""The plugins of tests/data/decisions/table.txt: as directories and distributions on disk, and as a registry with
its decisions. A host is one of the four conventions, or "dropin" for installed distributions.

    place = Plugins(folder)
    publish(daemon, place)
    with Approving(daemon) as registry:      # the same registry, where one package waits for approval
        registry.url
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.daemon import SOURCE_DIR
from support.sites import Site
from support.snapshot_file import Snapshot, snapshot

TABLE = SOURCE_DIR / "tests/data/decisions/table.txt"
ENVIRONMENT = "table"
GROUPS = {"honeyframe": "honeyframe.plugins", "fastcms": "fastcms.plugins", "mountaineer": "mountaineer.plugins",
          "microcoreos": "microcoreos.plugins", "dropin": "table.plugins"}  # fmt: skip
PREFIXES = {"honeyframe": "hf", "fastcms": "cms", "mountaineer": "mt", "microcoreos": "mc", "dropin": "di"}
PLUGINS = ("enabled", "disabled", "quarantined", "version", "yanked", "deprecated", "outside", "unlisted", "unapproved",
           "single", "retired", "alias", "stranger", "stranger-withheld", "stranger-given", "renamed", "renamed-given")  # fmt: skip
UNPUBLISHED = {"stranger", "stranger-withheld", "stranger-given", "renamed", "renamed-given"}  # under their own package name
ACTS = ("read", "publish:new", "publish:update", "group:publish")


def read_table():
    """{state: {mode: {plugin: cell}}} as it is written down."""
    states = {}
    for line in TABLE.read_text().splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if line.startswith("["):
            rows = states.setdefault(line.strip("[]"), {})
        elif words[0] == "plugin":
            modes = words[1:]
            rows.update((mode, {}) for mode in modes)
        else:
            for mode, cell in zip(modes, words[1:], strict=True):
                rows[mode][words[0]] = cell
    return states


def module_of(host, plugin):
    return PREFIXES[host] + plugin.replace("-", "")


def package_of(host, plugin):
    """The package's name in the registry, for a plugin that is published under its own."""
    return module_of(host, plugin)


def name_of(host, plugin):
    """The name of its entry point."""
    module = module_of(host, plugin)
    return f"{module}.Plugin" if host == "microcoreos" else module


def value_of(host, plugin):
    module = module_of(host, plugin)
    return {"honeyframe": f"plugins.{module}:manifest", "fastcms": f"plugins.{module}:register",
            "mountaineer": f"{module}.plugin:plugin", "microcoreos": f"domains.{module}.plugins.main_plugin:Plugin",
            "dropin": f"{module}:plugin"}[host]  # fmt: skip


# ---- on disk ----


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Plugins:
    """All of them under one folder; `root(host)` is what a host walks."""

    def __init__(self, folder):
        self.folder = folder
        for plugin in PLUGINS:
            for host in GROUPS:
                getattr(self, f"add_to_{host}")(module_of(host, plugin))
        write(self.root("microcoreos") / "pyproject.toml", '[project]\nname = "kernel"\nversion = "1.0.0"\n')
        write(self.root("microcoreos") / "core/base_plugin.py", "class BasePlugin:\n    pass\n")
        write(folder / "mountaineer/standin/mountaineer/__init__.py")
        write(folder / "mountaineer/standin/mountaineer/plugin.py", "class MountaineerPlugin:\n    def __init__(self, name):\n        self.name = name\n")

    def root(self, host):
        inner = {"honeyframe": "plugins", "fastcms": "plugins", "mountaineer": "projects"}.get(host, "")
        return self.folder / host / inner

    def add_to_honeyframe(self, module):
        folder = self.root("honeyframe") / module
        write(folder / "plugin.yaml", f"name: {module}\nversion: 1.0.0\n")
        write(folder / "__init__.py", f"manifest = {{'name': {module!r}, 'version': '1.0.0'}}\n")

    def add_to_fastcms(self, module):
        meta = {"id": module, "name": module, "version": "1.0.0"}
        write(self.root("fastcms") / module / "__init__.py", f"PLUGIN_META = {meta!r}\n\n\ndef register(ctx):\n    pass\n")

    def add_to_mountaineer(self, module):
        folder = self.root("mountaineer") / module
        write(folder / "pyproject.toml", f'[project]\nname = "{module}"\nversion = "1.0.0"\n')
        write(folder / module / "__init__.py")
        write(folder / module / "plugin.py",
              f"from mountaineer.plugin import MountaineerPlugin\n\nplugin = MountaineerPlugin(name={module!r})\n")  # fmt: skip

    def add_to_microcoreos(self, module):
        write(self.root("microcoreos") / "domains" / module / "plugins/main_plugin.py",
              "from core.base_plugin import BasePlugin\n\n\nclass Plugin(BasePlugin):\n    pass\n")  # fmt: skip

    def add_to_dropin(self, module):
        Site(self.root("dropin")).add(module, "1.0.0", {GROUPS["dropin"]: {module: f"{module}:plugin"}},
                                      {f"{module}.py": f"plugin = {module!r}\n"})  # fmt: skip


# ---- in the registry ----


def release(host, plugin, version="1.0.0", name=None, value=None):
    entry = name_of(host, plugin)
    return {"name": name or package_of(host, plugin), "version": version,
            "entry_points": {GROUPS[host]: {entry: value or value_of(host, plugin)}},
            "manifests": {GROUPS[host]: {entry: {"id": entry, "name": entry, "version": version}}}}  # fmt: skip


def ok(answer):
    assert answer.status in (200, 201), answer.body
    return answer.json


def put_release(daemon, document, **options):
    ok(daemon.put(f"/v1/packages/{document['name']}/releases/{document['version']}", document, **options))


def publish(daemon):
    """Everything that the table's head says of the registry."""
    token = ok(daemon.post("/v1/tokens", {"name": "stranger", "scopes": ACTS, "grant": True}))["token"]
    plugins = {}
    for host in GROUPS:
        publish_of(daemon, host, token)
        plugins.update(listed(host))
        for plugin, status in (("quarantined", "quarantined"), ("deprecated", "deprecated")):
            ok(daemon.put(f"/v1/packages/{package_of(host, plugin)}/status", {"status": status, "reason": "so it was decided"}))
        decide_about_entry_points(daemon, host)
        versioned = f"/v1/packages/{package_of(host, 'version')}/releases/1.0.0/status"
        ok(daemon.put(versioned, {"status": "quarantined", "reason": "steals keys"}))
        ok(daemon.post(f"/v1/packages/{package_of(host, 'yanked')}/releases/1.0.0/yank", {"reason": "breaks imports"}))
    ok(daemon.put(f"/v1/environments/{ENVIRONMENT}", {"policy": {"plugins": "listed"}, "plugins": plugins}))
    for host in GROUPS:
        for package in (f"{PREFIXES[host]}-evil-too", f"{PREFIXES[host]}-renamed-there"):
            ok(daemon.put(f"/v1/packages/{package}/status", {"status": "quarantined", "reason": "steals keys"}))


def present_name(host):
    """What the entry point of `alias` is called now."""
    return name_of(host, "alias") + "now"


def decide_about_entry_points(daemon, host):
    retired = {"group": GROUPS[host], "name": name_of(host, "retired"), "message": "too slow", "successor": package_of(host, "enabled")}
    ok(daemon.put(f"/v1/packages/{package_of(host, 'retired')}/entry-points/deprecation", retired))
    ok(daemon.put(f"/v1/groups/{GROUPS[host]}/alias",
                  {"package": package_of(host, "alias"), "name": name_of(host, "alias"), "to": present_name(host)}))  # fmt: skip


def publish_of(daemon, host, token):
    ok(daemon.put(f"/v1/groups/{GROUPS[host]}", {"owner": "publisher"}))
    for plugin in PLUGINS:
        if plugin not in (*UNPUBLISHED, "alias"):
            put_release(daemon, release(host, plugin))
    put_release(daemon, release(host, "version", "0.9.0"))
    put_release(daemon, {"name": package_of(host, "alias"), "version": "1.0.0", "requires_python": ">=99",
                         "entry_points": {GROUPS[host]: {present_name(host): value_of(host, "alias")}}})  # fmt: skip
    put_release(daemon, release(host, "renamed", name=f"{PREFIXES[host]}-renamed-there"))
    put_release(daemon, release(host, "renamed-given", name=f"{PREFIXES[host]}-given-there", value="renamed_there:plugin"))
    for plugin, name in (("stranger", "evil"), ("stranger-withheld", "evil-too"), ("stranger-given", "evil-given")):
        put_release(daemon, release(host, plugin, name=f"{PREFIXES[host]}-{name}", value="os:system"), token=token)


def listed(host):
    """The members of the environment's `plugins`."""
    made = {package_of(host, plugin): {"enabled": plugin != "disabled"} for plugin in PLUGINS if plugin not in (*UNPUBLISHED, "unlisted")}
    made[package_of(host, "outside")]["pin"] = ">=2"
    made[package_of(host, "single")]["entry_points"] = {GROUPS[host]: {name_of(host, "single"): {"state": "disabled"}}}
    names = ("evil-too", "evil-given", "renamed-there", "given-there")
    return {**made, **{f"{PREFIXES[host]}-{name}": {"enabled": True} for name in names}}


# ---- what nothing produces yet ----


class Approving:
    """A registry before the daemon that also asks for approval, and has none for the package `unapproved`."""

    def __init__(self, daemon):
        approving = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                approving.answer(self)

            def log_message(self, *_):
                pass

        self.daemon = daemon
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, handler):
        given = self.daemon.get(handler.path)
        body = given.body
        if given.status == 200 and handler.path.startswith("/v1/resolve"):
            body = json.dumps(self.approve_answer(given.json)).encode()
        elif given.status == 200 and handler.path.startswith("/v1/snapshot"):
            body = self.approve_snapshot(Snapshot(body))
        handler.send_response(given.status)
        for name in ("Content-Type", "X-Registry-Serial", "X-Registry-Epoch"):
            if given.headers[name]:
                handler.send_header(name, given.headers[name])
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def row(host):
        return {"group": GROUPS[host], "package": package_of(host, "unapproved"), "name": name_of(host, "unapproved"),
                "version": None, "code": "unapproved", "message": "Nobody has approved it", "since": None, "by": None,
                "by_name": False}  # fmt: skip

    def approve_answer(self, document):
        asked = [host for host, group in GROUPS.items() if group in document["groups"]]
        packages = {package_of(host, "unapproved") for host in asked}
        return {**document, "records": [one for one in document["records"] if one["package"] not in packages],
                "decisions": [*document["decisions"], *map(self.row, asked)]}  # fmt: skip

    def approve_snapshot(self, read):
        packages = {package_of(host, "unapproved") for host in GROUPS}
        groups = {group: [one for one in records if one["package"] not in packages] for group, records in read.records.items()}
        return snapshot(groups, serial=read.serial, epoch=read.epoch, environment=read.environment, question=read.question,
                        made_at=read.made_at, decisions=[*read.decisions, *map(self.row, GROUPS)], max_age=read.max_age,
                        listed=read.listed, settings_left_out=read.settings_left_out)  # fmt: skip
