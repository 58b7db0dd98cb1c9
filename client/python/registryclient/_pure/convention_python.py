# SPDX-License-Identifier: MIT
"""The conventions whose plugins are Python files: FastCMS, Mountaineer and MicroCoreOS. The files are parsed, never run."""

import ast

from . import rooted
from .convention import PYTHON_BYTES_MAX, Convention, Folder, Plugin, Plugins
from .convention_dist_info import is_empty_project
from .findings import canonical
from .pyproject import TOML_BYTES_MAX, project_of
from .python_text import NotLiteral, Source

FOLDERS_DEEP = 8
FOLDERS_MAX = 4096
ROUTERS_MAX = 16
CONTROLLERS_MAX = 32


def _parse(folder: Folder, name: str, plugin: Plugin) -> Source | None:
    data = folder.load(name, PYTHON_BYTES_MAX, plugin)
    if data is None:
        return None
    where = folder.root.shown(folder.at(name))
    try:
        return Source(data)
    except SyntaxError as error:
        plugin.error("malformed", f"This is not Python {_version()}: {error.msg}", f"{where}:{error.lineno}" if error.lineno else where)
        return None


def _version() -> str:
    import sys

    return ".".join(map(str, sys.version_info[:2]))


# ---- FastCMS ----


class PluginMeta(Convention):
    name = "plugin-meta"
    group = "fastcms.plugins"

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        """The word anywhere in the file is enough; the reader then parses the file."""
        if asked:
            return folder.has("__init__.py")
        return folder.is_file("__init__.py") and folder.mentions("__init__.py", PYTHON_BYTES_MAX, b"PLUGIN_META")

    def read(self, folder: Folder) -> Plugins:
        plugin = Plugin(folder.path, folder.name)
        source = _parse(folder, "__init__.py", plugin)
        if source is not None:
            self._read_meta(folder, source, plugin)
        return Plugins([plugin])

    def _read_meta(self, folder: Folder, source: Source, plugin: Plugin) -> None:
        path = folder.root.shown(folder.at("__init__.py"))
        document, where = _meta_document(source, path, plugin)
        if document is not None:
            texts = {key: _meta_text(document, key, key in ("id", "name", "version"), where, plugin)
                     for key in ("id", "name", "version", "author", "description")}  # fmt: skip
            if texts["id"]:
                plugin.package, plugin.version, plugin.has_release = texts["id"], texts["version"], True
                plugin.entries = [(self.group, texts["id"], f"plugins.{folder.name}:register", canonical(document))]
        if not source.binds("register"):
            plugin.error("plugin-register-missing", 'There is no function "register"', path, "Define: def register(ctx) -> None: …")


def _meta_document(source: Source, path: str, plugin: Plugin) -> tuple[dict | None, str]:
    """The literal PLUGIN_META, or None with a finding; and its place."""
    found = source.assignment("PLUGIN_META")
    if found is None:
        plugin.error("plugin-meta-missing", "There is no PLUGIN_META at the top level", path,
                     'Define PLUGIN_META = {"id": …, "name": …, "version": …}')  # fmt: skip
        return None, path
    where = f"{path}:{found[0].lineno}"
    why = "this is another value"
    try:
        if source.bindings("PLUGIN_META") - _plain_assignments(source, "PLUGIN_META") > 0:
            raise NotLiteral(found[1], "it is changed in place")
        document = source.literal(found[1])
        if isinstance(document, dict):
            return document, where
    except (NotLiteral, RecursionError) as error:
        why = getattr(error, "why", "it is nested too deep")
    plugin.error("plugin-meta-not-literal", f"PLUGIN_META must be a literal dict: {why}", where,
                 "Write a literal dict, so that the values can be read without running the plugin")  # fmt: skip
    return None, where


def _plain_assignments(source: Source, name: str) -> int:
    return sum(isinstance(node, (ast.Assign, ast.AnnAssign)) and getattr(node, "value", None) is not None
               and any(isinstance(one, ast.Name) and one.id == name
                       for one in (node.targets if isinstance(node, ast.Assign) else [node.target]))
               for node in source.statements)  # fmt: skip


def _meta_text(document: dict, key: str, is_required: bool, where: str, plugin: Plugin) -> str | None:
    value = document.get(key)
    if isinstance(value, str) and value:
        return value
    if value is not None and not isinstance(value, str) or (key in document and value is None):
        kind = {bool: "a boolean", int: "an integer", float: "a number", list: "a list", dict: "an object"}.get(type(value), "null")
        plugin.error("plugin-meta-type", f'PLUGIN_META["{key}"] must be a string, not {kind}', where)
    elif is_required:
        plugin.error("plugin-meta-required", f'PLUGIN_META has no "{key}"', where,
                     "Add the keys id, name and version, which the host requires")  # fmt: skip
    return None


# ---- Mountaineer ----


class Mountaineer(Convention):
    name = "mountaineer"
    group = "mountaineer.plugins"

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        if not folder.has("pyproject.toml"):
            return False
        return asked or any(_mentions_plugin(folder, name) for name in _plugin_files(folder))

    def read(self, folder: Folder) -> Plugins:
        """Each plugin.py is a plugin of its own; what is wrong with it is not said of the project's other entry points."""
        own = Plugin(folder.path, folder.name)
        project = project_of(folder, own, nearest=False)
        if project is not None:
            project.lend(own)
            own.entries = list(project.entries)
        files = _plugin_files(folder)
        if not files:
            own.error("mountaineer-plugin-missing", "The project has no <package>/plugin.py", own.path,
                      'Write plugin = MountaineerPlugin(name="…", …) in <package>/plugin.py')  # fmt: skip
        is_any = len(files) > 1 and any(_mentions_plugin(folder, name) for name in files)
        made = Plugins()
        for name in files:
            if not is_any or _mentions_plugin(folder, name):
                found = self._read_file(folder, name, own)
                made.extend([found] if found is not None else [])
        self._add_project(own, made)
        return made

    def _read_file(self, folder: Folder, name: str, own: Plugin) -> Plugin | None:
        plugin = Plugin(folder.path, folder.name)
        plugin.rows, plugin.package, plugin.version, plugin.has_release = list(own.rows), own.package, own.version, own.has_release
        plugin.entries = [entry for entry in own.entries if entry[0] == self.group and entry[2] is not None]
        source = _parse(folder, name, plugin)
        if source is None:
            return plugin
        if _is_machinery(source):
            return None
        path = folder.root.shown(folder.at(name))
        call = _plugin_call(source, path, plugin)
        found = _plugin_name(source, call, path, plugin) if call is not None else None
        if call is not None and found is not None:
            module = name.removeprefix("src/").partition("/")[0]
            declares = sorted_once(keyword.arg for keyword in call.keywords if keyword.arg not in (None, "name"))
            kind = _plugin_kind(source, call)
            prefixes = _router_prefixes(source, [source, *_controllers(folder, name)])
            manifest = canonical({"name": found, "declares": declares, **({"kind": kind} if kind else {}),
                                  **({"router_prefixes": prefixes} if prefixes else {})})  # fmt: skip
            plugin.has_release = True
            declared = [entry for entry in plugin.entries if entry[1] == found]
            others = [entry for entry in plugin.entries if entry[1] != found]
            value = declared[0][2] if declared else f"{module}.plugin:plugin"
            plugin.entries = [*others, (self.group, found, value, manifest)]
        return plugin

    def _add_project(self, own: Plugin, made: Plugins) -> None:
        """The project's own entry points, without those that a plugin.py gives with their manifest."""
        given = {entry[1] for plugin in made for entry in plugin.entries if entry[0] == self.group}
        own.entries = [entry for entry in own.entries if not made or entry[0] != self.group or entry[1] not in given]
        if not (made and not own.entries) and not is_empty_project(own):
            made.append(own)


_METHODS = frozenset("get post put patch delete head options trace websocket api_route".split())


def _controllers(folder: Folder, name: str) -> list[Source]:
    """The Python files of the folder controllers/ beside plugin.py. One that cannot be read states no address."""
    place = name.removesuffix("plugin.py") + "controllers"
    if not folder.is_directory(place):
        return []
    found: list[Source] = []
    for child in Folder(folder.root, folder.at(place)).children():
        ignored = Plugin(folder.path, folder.name)
        if child.endswith(".py") and len(found) < CONTROLLERS_MAX:
            found.extend([source] if (source := _parse(folder, f"{place}/{child}", ignored)) is not None else [])
    return found


def _router_prefixes(source: Source, controllers: list[Source]) -> list[str]:
    """The first parts of the addresses that the file's FastAPI routers and the controllers serve, each once."""
    routers: dict[str, str] = {}
    found: dict[str, bool] = {}

    def add(address: str) -> None:
        if address.startswith("/") and not address.startswith("/{"):
            found["/" + address[1:].partition("/")[0]] = True

    for node in source.statements:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else ()
        value = getattr(node, "value", None)
        if not (isinstance(value, ast.Call) and _last_part(value.func) == "APIRouter"):
            continue
        for target in targets:
            prefix = _call_text(source, value, "prefix", False)
            if isinstance(target, ast.Name) and prefix is not None and len(routers) < ROUTERS_MAX:
                routers[target.id] = prefix
                add(prefix)
    decorators = [one for node in ast.walk(source.tree) for one in getattr(node, "decorator_list", ())]
    for one in sorted(decorators, key=lambda one: (one.lineno, one.col_offset)):
        is_route = isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _METHODS
        router = routers.get(one.func.value.id) if is_route and isinstance(one.func.value, ast.Name) else None
        if router is not None and (path := _call_text(source, one, "path", True)) is not None:
            add(router + path)
    for one in controllers:
        for node in (node for node in ast.walk(one.tree) if isinstance(node, ast.ClassDef)):
            for line in node.body:
                target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                value = getattr(line, "value", None)
                if isinstance(target, ast.Name) and target.id == "url" and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    add(value.value)
    return list(found)


def _call_text(source: Source, call: ast.Call, name: str, may_be_first: bool) -> str | None:
    """A literal text argument, by keyword or as the first one; "" when it is not given, None when it is known only at run time."""
    given = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if may_be_first and call.args:
        given = call.args[0]
    if given is None:
        return None if any(keyword.arg is None for keyword in call.keywords) or any(isinstance(one, ast.Starred) for one in call.args) else ""
    value = _literal(source, given)
    return value[0] if value and isinstance(value[0], str) else None


def _plugin_kind(source: Source, call: ast.Call) -> str | None:
    """What the plugin consists of; None when the call has neither part, or arguments that are known only at run time."""
    given = {keyword.arg for keyword in call.keywords if _literal(source, keyword.value) not in ((None,), ([],))}
    if None in given or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    has_views, has_router = bool(given & {"controllers", "view_root"}), "router" in given
    return "mixed" if has_views and has_router else "view-backed" if has_views else "router-only" if has_router else None


def _literal(source: Source, node: ast.expr) -> tuple:
    """The literal value, alone in a tuple; an empty tuple when the value is known only at run time."""
    try:
        return (source.literal(node),)
    except (NotLiteral, RecursionError):
        return ()


def sorted_once(names) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _plugin_files(folder: Folder) -> list[str]:
    """Both layouts of Python projects: packages beside pyproject.toml, or below src/."""
    found = []
    for prefix in ("", "src/"):
        place = folder if not prefix else Folder(folder.root, folder.at("src"))
        if prefix and not folder.is_directory("src"):
            continue
        for name in place.children():
            if name.startswith(".") or not place.is_directory(name) or len(found) == 16:
                continue
            if place.has(f"{name}/plugin.py"):
                found.append(f"{prefix}{name}/plugin.py")
    return found


def _mentions_plugin(folder: Folder, name: str) -> bool:
    """A plugin.py that imports "plugin" from elsewhere counts in a project that names the framework."""
    return folder.mentions(name, PYTHON_BYTES_MAX, b"MountaineerPlugin") or (
        folder.mentions(name, PYTHON_BYTES_MAX, b"import plugin") and folder.mentions("pyproject.toml", TOML_BYTES_MAX, b"mountaineer"))


def _is_machinery(source: Source) -> bool:
    """Whether the module only works with the class."""
    if source.binds("plugin"):
        return False
    if any(node.name == "MountaineerPlugin" for node in source.classes):
        return True
    names = [node for node in ast.walk(source.tree) if _last_part(node) == "MountaineerPlugin"]
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and _last_part(node.func) == "MountaineerPlugin"]
    mentions = bool(names) or any(isinstance(node, ast.ImportFrom) and any(one.name == "MountaineerPlugin" for one in node.names)
                                  for node in ast.walk(source.tree))  # fmt: skip
    return mentions and not calls


def _last_part(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _plugin_call(source: Source, path: str, plugin: Plugin) -> ast.Call | None:
    hint = 'Write plugin = MountaineerPlugin(name="…", …) at the top level'
    found = source.assignment("plugin")
    if found is None:
        plugin.error("mountaineer-plugin-missing", 'The top level does not assign "plugin"', path, hint)
        return None
    call = source.call_behind(found[1])
    if call is None or _last_part(call.func) != "MountaineerPlugin":
        plugin.error("mountaineer-plugin-missing", '"plugin" is not made by a call of MountaineerPlugin', f"{path}:{found[0].lineno}", hint)
        return None
    return call


def _plugin_name(source: Source, call: ast.Call, path: str, plugin: Plugin) -> str | None:
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "name"), None)
    try:
        name = source.literal(given) if given is not None else None
    except (NotLiteral, RecursionError):
        name = None
    if isinstance(name, str) and name:
        return name
    message = ("MountaineerPlugin is called without name=" if given is None
               else "The plugin's name is not a literal string, so the name is known only at run time")  # fmt: skip
    plugin.error("mountaineer-name", message, f"{path}:{getattr(given, 'lineno', call.lineno)}", 'Write a literal name: name="my-plugin"')
    return None


# ---- MicroCoreOS ----


class MicroCoreOS(Convention):
    name = "microcoreos"
    group = "microcoreos.plugins"
    within = "domains"

    def recognizes(self, folder: Folder, asked: bool) -> bool:
        return bool(_domain_files(folder))

    def read(self, folder: Folder) -> Plugins:
        ignored = Plugin(folder.path, folder.name)  # the project only lends its version; its faults are its own business
        project = project_of(folder, ignored, nearest=True)
        made = Plugins()
        for name in _domain_files(folder):
            plugin = Plugin(folder.root.shown(folder.at(name)), f"{folder.name}.{name}")
            plugin.package, plugin.version, plugin.has_release = folder.name, project.version if project is not None else None, True
            source = _parse(folder, name, plugin)
            if source is not None:
                self._read_classes(folder, name, source, plugin)
            made.append(plugin)
        return made

    def _read_classes(self, folder: Folder, name: str, source: Source, plugin: Plugin) -> None:
        path = folder.root.shown(folder.at(name))
        module = f"domains.{folder.name}.{name[:-3].replace('/', '.')}"
        marked: dict[str, ast.ClassDef] = {}
        for node in source.classes:
            if any(_last_part(base) == "BasePlugin" or (isinstance(base, ast.Name) and base.id in marked) for base in node.bases):
                marked[node.name] = node
        for node in marked.values():
            manifest = {"class": node.name, **_declared_calls(source, node, path, plugin), "tools": _tools(source, node, path, plugin)}
            plugin.entries.append((self.group, f"{folder.name}.{node.name}", f"{module}:{node.name}", canonical(manifest)))
        if not marked:
            plugin.warn("microcoreos-no-plugin", "No class of this file derives from BasePlugin", path)
        else:
            _check_imports(source, module, path, plugin)


def _domain_files(folder: Folder) -> list[str]:
    """The plugin files below a domain. Links may lead to a folder again: each is entered once."""
    found: list[str] = []
    entered: set[tuple[int, int]] = set()

    def enter(prefix: str, depth: int) -> None:
        relative = folder.at(prefix.rstrip("/")) if prefix else folder.relative
        identity = folder.root.identity_of(relative)
        if identity is None or identity in entered or len(entered) >= FOLDERS_MAX:
            return
        entered.add(identity)
        try:
            children = Folder(folder.root, relative).children()
        except Exception as error:
            if not getattr(error, "code", ""):
                raise
            return
        for name in children:
            kind = folder.root.kind(f"{relative}/{name}")
            if kind == rooted.DIRECTORY:
                if not name.startswith(".") and name not in ("__pycache__", "tests") and depth < FOLDERS_DEEP:
                    enter(f"{prefix}{name}/", depth + 1)
            elif kind != rooted.ABSENT and name.endswith("_plugin.py") and len(name) > 10:
                found.append(prefix + name)

    enter("", 0)
    return found


def _constructor(source: Source, node: ast.ClassDef | None):
    """The constructor of the class, or of the nearest class of the file that it derives from."""
    for _ in range(len(source.classes) + 1):
        if node is None:
            return None
        found = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
        if found is not None:
            return found
        base = node.bases[0] if node.bases else None
        name = base.id if isinstance(base, ast.Name) else None
        node = next((one for one in reversed(source.classes) if one.name == name), None)
    return None


def _tools(source: Source, node: ast.ClassDef, path: str, plugin: Plugin) -> list[str]:
    """Each parameter is called as the tool it asks for; the first is self."""
    constructor = _constructor(source, node)
    if constructor is None:
        return []
    arguments = constructor.args
    for mark, variadic in (("*", arguments.vararg), ("**", arguments.kwarg)):
        if variadic is not None:
            plugin.warn("microcoreos-tools", f"The constructor takes {mark}{variadic.arg}, so some of its tools are unknown",
                        f"{path}:{constructor.lineno}")  # fmt: skip
    named = [*arguments.posonlyargs, *arguments.args][1:] + arguments.kwonlyargs
    return [one.arg for one in named]


def _declared_calls(source: Source, node: ast.ClassDef, path: str, plugin: Plugin) -> dict:
    """The endpoints, and the events that are published and subscribed to, each once, in the order of the source."""
    endpoints: list[dict] = []
    events: dict[str, dict[str, bool]] = {"publish": {}, "subscribe": {}}
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and _last_part(one.func) in ("add_endpoint", *events)]
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
        where = f"{path}:{call.lineno}"
        if _last_part(call.func) == "add_endpoint":
            _keep_endpoint(source, call, endpoints, where, plugin)
        elif (event := _argument(source, call, "event_name", 0)) is not None:
            events[_last_part(call.func)][event] = True
        else:
            plugin.warn("microcoreos-event", "The name of this event is known only at run time", where,
                        "Write the name of the event as a literal string")  # fmt: skip
    return {"endpoints": endpoints, **({"publishes": list(events["publish"])} if events["publish"] else {}),
            **({"subscribes": list(events["subscribe"])} if events["subscribe"] else {})}  # fmt: skip


def _keep_endpoint(source: Source, call: ast.Call, endpoints: list[dict], where: str, plugin: Plugin) -> None:
    path, method = (_argument(source, call, name, at) for at, name in enumerate(("path", "method")))
    if path is None or method is None:
        plugin.warn("microcoreos-endpoint", "The path or the method of this endpoint is known only at run time", where,
                    "Write path and method as literal strings")  # fmt: skip
        return
    endpoint: dict = {"path": path, "method": method}
    for keyword in call.keywords:
        if keyword.arg == "tags":
            given = _literal(source, keyword.value)
            tags = [one for one in given[0] if isinstance(one, str)] if given and isinstance(given[0], list) else []
            endpoint.update({"tags": tags} if tags else {})
        elif keyword.arg in ("request_model", "response_model") and (name := _type_name(keyword.value)):
            endpoint[keyword.arg] = name
    endpoints.append(endpoint)


def _type_name(node: ast.expr) -> str | None:
    """An expression written as the name of a type: "Product", "list[models.Product]", "Product | None"."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Load, ast.Constant)
    is_type = all(isinstance(one, kinds) and not (isinstance(one, ast.Constant) and one.value is not None) for one in ast.walk(node))
    return ast.unparse(node) if is_type and not isinstance(node, (ast.Constant, ast.List, ast.Tuple)) else None


def _domain_of(dotted: str) -> str:
    """"domains.users" of "domains.users.models"; "" when the name has no domain."""
    parts = dotted.split(".")
    at = parts.index("domains") if "domains" in parts else len(parts)
    return ".".join(parts[: at + 2]) if at + 1 < len(parts) else ""


def _check_imports(source: Source, module: str, path: str, plugin: Plugin) -> None:
    own = _domain_of(module)
    told = None
    nodes = (node for node in ast.walk(source.tree) if isinstance(node, (ast.Import, ast.ImportFrom)))
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        for target in _imported(node, module):
            domain = _domain_of(target)
            if domain and domain != own and domain.rpartition(".")[0] == own.rpartition(".")[0] and (node.lineno, domain) != told:
                plugin.warn("cross-domain-import", f'The plugin imports from another domain, "{domain}"', f"{path}:{node.lineno}",
                            "Publish or subscribe to an event on the event bus instead")  # fmt: skip
                told = (node.lineno, domain)


def _imported(node: ast.Import | ast.ImportFrom, module: str) -> list[str]:
    """What a statement imports, as absolute names; relative ones begin from the module."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    base = module.split(".")[: -node.level] if node.level else []
    if node.level and not base:
        return []
    start = ".".join([*base, *([node.module] if node.module else [])])
    return [start if _domain_of(start) or one.name == "*" else f"{start}.{one.name}" for one in node.names]


def _argument(source: Source, call: ast.Call, name: str, position: int) -> str | None:
    given = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if given is None and len(call.args) > position and not any(isinstance(one, ast.Starred) for one in call.args[: position + 1]):
        given = call.args[position]
    try:
        value = source.literal(given) if given is not None else None
    except (NotLiteral, RecursionError):
        return None
    return value if isinstance(value, str) else None
