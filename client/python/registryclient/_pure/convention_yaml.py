# SPDX-License-Identifier: MIT
"""The convention of Honeyframe: ROOT/<slug>/plugin.yaml. The directory's name is the plugin's name, so that a manifest with
faults is still told under the right name; the whole document is the manifest."""

from . import entry_point_rules as rules
from . import version, yaml_text
from .convention import Convention, Folder, Plugin, Plugins, normal_name
from .findings import canonical
from .yaml_text import Node, YamlFault

GROUP = "honeyframe.plugins"
MANIFEST_DEPTH_MAX = 29
SHORT_TEXT_BYTES_MAX = 1000
_SLUG = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_NAMES = {"table": "a table", "list": "a list", "string": "a string", "integer": "a number", "real": "a number",
          "boolean": "true or false", "null": "nothing", "other": "a value that JSON cannot hold"}  # fmt: skip


class PluginYaml(Convention):
    name = "plugin-yaml"
    group = GROUP

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        return folder.has("plugin.yaml")

    def read(self, folder: Folder) -> Plugins:
        plugin = Plugin(folder.path, folder.name)
        data = folder.load("plugin.yaml", yaml_text.BYTES_MAX, plugin)
        if data is not None:
            _Manifest(folder.root.shown(folder.at("plugin.yaml")), plugin).read(data, folder.name)
        return Plugins([plugin])


class _Manifest:
    """The checks of a manifest: a table of keys, each with its type and rule."""

    def __init__(self, path: str, plugin: Plugin):
        self.path, self.plugin = path, plugin
        # key -> (kind, required, rule)
        self.fields = {"name": ("string", True, self.check_label), "version": ("string", True, self.check_version),
                       "display_name": ("string", False, self.check_label), "routers": ("list", False, self.check_routers),
                       "dbt_workspace": ("string", False, self.check_path), "frontend_entry": ("string", False, self.check_path),
                       "nav": ("list", False, self.check_nav), "permissions": ("list", False, self.check_permissions),
                       "seed_groups": ("list", False, self.check_groups)}  # fmt: skip
        self.nav = {"label": ("string", True, self.check_label), "path": ("string", True, self.check_route),
                    "icon": ("string", False, self.check_label)}  # fmt: skip
        self.seed_group = {"name": ("string", True, self.check_label), "permissions": ("list", True, self.check_group_permissions)}
        self.declared: list[Node] = []

    def where(self, node: Node, key: str = "") -> str:
        return f"{self.path}:{node.line}{f': {key}' if key else ''}"

    def error(self, code: str, node: Node, message: str, hint: str | None = None, key: str = "") -> None:
        self.plugin.error(code, message, self.where(node, key), hint)

    def read(self, data: bytes, slug: str) -> None:
        try:
            root = yaml_text.parse(data)
        except YamlFault as fault:
            self.plugin.error("malformed", fault.message, f"{self.path}:{fault.line}")
            return
        except RecursionError:
            self.plugin.error("malformed", "The document is nested too deep", self.path)
            return
        if root.kind != "table":
            self.error("not-a-mapping", root, f"The document is {_NAMES[root.kind]}; a manifest is a mapping of keys")
            return
        permissions = root.value.get("permissions")
        self.declared = permissions.value if permissions is not None and permissions.kind == "list" else []
        self.check(root, self.fields, "")
        for node in root.walk():
            if node.is_odd:
                self.plugin.warn("yaml-old-value", f"Python hosts read YAML 1.1, in which {node.text} has another value", self.where(node),
                                 "Put it in quotes")  # fmt: skip
        self.check_slug(root, slug)
        self.check_json(root)
        self.make_release(root, slug)

    def check_slug(self, root: Node, slug: str) -> None:
        name = root.value.get("name")
        if name is not None and name.kind == "string" and name.value != slug:
            self.error("name-mismatch", name, f'The name "{name.value}" differs from the directory\'s name "{slug}"',
                       "Rename the directory or change the name")  # fmt: skip
        if not slug or not _SLUG.issuperset(slug):
            self.error("slug-invalid", name or root,
                       f'The directory name "{slug}" may contain only lower-case letters, digits, - and _')  # fmt: skip

    def check_json(self, root: Node) -> None:
        if _depth(root) > MANIFEST_DEPTH_MAX:
            self.error("manifest-too-deep", root, f"The manifest is nested deeper than {MANIFEST_DEPTH_MAX} levels")
        odd = next((node for node in root.walk() if node.kind == "other" or (node.kind == "string" and "\0" in node.value)), None)
        if odd is not None:
            self.error("not-json", odd, f"{rules.quote(odd.text or '')} is no value of JSON", "Put it in quotes")

    def make_release(self, root: Node, slug: str) -> None:
        plugin, found = self.plugin, root.value.get("version")
        plugin.package = slug.strip("-_.")
        plugin.version = found.value if found is not None and found.kind == "string" else None
        plugin.has_release = True
        plugin.entries = [(GROUP, slug, f"plugins.{slug.replace('-', '_')}:manifest", canonical(root.plain()))]
        if normal_name(plugin.package) is None:
            self.error("name-invalid", root, f'The directory name "{slug}" cannot become a package name of at most 100 letters, '
                       "digits, - and _")  # fmt: skip

    # ---- tables of fields ----

    def check(self, table: Node, fields: dict, place: str) -> None:
        """In the order of the file first, then what is missing, so that findings read from top to bottom."""
        for key, node in table.value.items():
            path = f"{place}{key}"
            if key in fields:
                self.check_member(node, fields[key], path)
            else:
                self.plugin.warn("unknown-key", f'"{key}" is not a key of the manifest', self.where(node, path))
        for key, (_, is_required, _) in fields.items():
            if is_required and key not in table.value:
                code = {"name": "name-missing", "version": "version-missing"}.get(key, "key-missing") if not place else "key-missing"
                self.error(code, table, f'"{key}" is missing', None, f"{place}{key}")

    def check_member(self, node: Node, field: tuple, path: str) -> None:
        kind, is_required, rule = field
        if kind == "string":
            self.take_as_text(node)
        if node.kind == "null" and not is_required:
            return
        if self.is_kind(node, kind, path):
            rule(node, path)

    def is_kind(self, node: Node, kind: str, path: str) -> bool:
        if node.kind != kind:
            self.error("wrong-type", node, f"This is {_NAMES[node.kind]}; it must be {_NAMES[kind]}", None, path)
        return node.kind == kind

    def take_as_text(self, node: Node) -> None:
        """A plain scalar where a text is wanted counts as it is written: "1.10", not 1.1."""
        if node.kind in ("integer", "real", "boolean"):
            self.plugin.warn("yaml-unquoted", f'This is {_NAMES[node.kind]} in YAML, but a text is required; it is read as "{node.text}"',
                             self.where(node), "Put it in quotes")  # fmt: skip
            node.kind, node.value = "string", node.text

    # ---- the rules of the keys ----

    def check_line(self, node: Node, path: str) -> bool:
        if len(node.value.encode()) > SHORT_TEXT_BYTES_MAX:
            self.error("text-too-long", node, f"{len(node.value.encode())} bytes; at most {SHORT_TEXT_BYTES_MAX} are allowed here", None, path)
            return False
        if rules.has_controls(node.value):
            self.error("control-character", node, "The text contains a line break or control character", None, path)
            return False
        return True

    def check_label(self, node: Node, path: str) -> None:
        if self.check_line(node, path) and not node.value:
            self.error("text-empty", node, "The value must not be empty", None, path)

    def check_version(self, node: Node, path: str) -> None:
        if version.parse(node.value) is None:
            self.error("version-invalid", node, f"{rules.quote(node.value)} is not a version (PEP 440)",
                       "Write numbers with dots, and a pre-release as 1.2.0a1, 1.2.0b1, 1.2.0rc1", path)  # fmt: skip

    def check_path(self, node: Node, path: str) -> None:
        text = node.value
        parts = text.split("/")
        if not text or text.startswith("/") or "\\" in text or ".." in parts or rules.has_controls(text):
            self.error("path-invalid", node, "The path must stay inside the directory of the plugin", None, path)

    def check_routers(self, node: Node, path: str) -> None:
        for at, item in enumerate(node.value):
            if not self.is_kind(item, "string", f"{path}[{at}]"):
                continue
            module, colon, attr = item.value.partition(":")
            text = module.replace("-", "_") + colon + attr
            if not colon or not attr or "[" in text or rules.reference_fault(text, False) is not None:
                self.error("router-invalid", item, f'"{item.value}" is not module:attr',
                           "Write it as plugins.crm.backend.routers.customers:router", f"{path}[{at}]")  # fmt: skip

    def check_permissions(self, node: Node, path: str) -> None:
        for at, item in enumerate(node.value):
            self.take_as_text(item)
            if self.is_kind(item, "string", f"{path}[{at}]"):
                self.check_label(item, f"{path}[{at}]")

    def check_items(self, node: Node, fields: dict, path: str) -> None:
        for at, item in enumerate(node.value):
            if self.is_kind(item, "table", f"{path}[{at}]"):
                self.check(item, fields, f"{path}[{at}].")

    def check_nav(self, node: Node, path: str) -> None:
        self.check_items(node, self.nav, path)

    def check_groups(self, node: Node, path: str) -> None:
        self.check_items(node, self.seed_group, path)

    def check_route(self, node: Node, path: str) -> None:
        self.check_label(node, path)
        if not node.value.startswith("/"):
            self.error("nav-path-invalid", node, f'"{node.value}" is not a path of the platform: it must begin with /', None, path)

    def check_group_permissions(self, node: Node, path: str) -> None:
        texts = {item.text if item.text is not None else item.value for item in self.declared if item.kind not in ("table", "list")}
        for at, item in enumerate(node.value):
            if item.text in texts:
                self.take_as_text(item)
            if self.is_kind(item, "string", f"{path}[{at}]") and item.value not in texts:
                self.error("permission-undeclared", item, f'The permission "{item.value}" is not among the manifest\'s permissions',
                           "Add the permission to the manifest's permissions, or remove it here", f"{path}[{at}]")  # fmt: skip


def _depth(node: Node) -> int:
    inner = node.value.values() if node.kind == "table" else node.value if node.kind == "list" else ()
    return 1 + max(map(_depth, inner), default=0)
