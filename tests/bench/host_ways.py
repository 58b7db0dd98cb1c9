# SPDX-License-Identifier: MIT
"""How the hosts themselves find plugins today, in Python: `host_ways.py CONVENTION ROOT` prints how many.

Each is the fastest honest form of it: PyYAML's C loader, `ast` and literals where the plugin is Python
(nothing is run, as in our walk), `importlib.metadata` on one path, asked for what a record holds. What
the hosts do themselves, importing with the bytecode kept from the run before, is `CONVENTION-import`.
"""

import ast
import importlib.metadata
import importlib.util
import os
import sys
import tomllib
import types


def plugin_yaml(root):
    import yaml

    count = 0
    for slug in sorted(os.listdir(root)):
        with open(f"{root}/{slug}/plugin.yaml", encoding="utf-8") as stream:
            manifest = yaml.load(stream, Loader=yaml.CSafeLoader)
        count += manifest["name"] == slug and bool(manifest["version"])
    return count


def parse(path):
    with open(path, "rb") as stream:
        return ast.parse(stream.read(), path)


def values(module):
    """What is assigned at the top level, by name."""
    return {target.id: node.value for node in module.body if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip


def literals(call):
    """The keyword arguments of a call that are written out."""
    return {keyword.arg: keyword.value.value for keyword in call.keywords
            if isinstance(keyword.value, ast.Constant)}  # fmt: skip


def plugin_meta(root):
    count = 0
    for folder in sorted(os.listdir(root)):
        module = parse(f"{root}/{folder}/__init__.py")
        meta = ast.literal_eval(values(module)["PLUGIN_META"])
        functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
        count += {"id", "name", "version"} <= meta.keys() and "register" in functions
    return count


def mountaineer(root):
    count = 0
    for project in sorted(os.listdir(root)):
        with open(f"{root}/{project}/pyproject.toml", "rb") as stream:
            version = tomllib.load(stream)["project"]["version"]
        module = parse(f"{root}/{project}/{project.replace('-', '_')}/plugin.py")
        count += bool(literals(values(module)["plugin"])["name"] and version)
    return count


def declared(plugin):
    """The tools and the endpoints of a plugin's class."""
    tools, endpoints = [], []
    for node in ast.walk(plugin):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            tools = [argument.arg for argument in node.args.args[1:]]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_endpoint":
            endpoints.append((literals(node)["path"], literals(node)["method"]))
    return tools, endpoints


def microcoreos(root):
    count = 0
    for domain in sorted(os.listdir(f"{root}/domains")):
        for name in sorted(os.listdir(f"{root}/domains/{domain}/plugins")):
            if name.endswith("_plugin.py"):
                module = parse(f"{root}/domains/{domain}/plugins/{name}")
                plugins = [node for node in module.body if isinstance(node, ast.ClassDef)
                           and any(getattr(base, "id", "") == "BasePlugin" for base in node.bases)]  # fmt: skip
                count += sum(bool(all(declared(plugin))) for plugin in plugins)
    return count


def load_module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plugin_meta_import(root):
    count = 0
    for folder in sorted(os.listdir(root)):
        module = load_module(folder, f"{root}/{folder}/__init__.py")
        count += {"id", "name", "version"} <= module.PLUGIN_META.keys() and callable(module.register)
    return count


class MountaineerPlugin:
    def __init__(self, name, **_options):
        self.name = name


def mountaineer_import(root):
    package = types.ModuleType("mountaineer")
    package.plugin = types.ModuleType("mountaineer.plugin")
    package.plugin.MountaineerPlugin = MountaineerPlugin
    sys.modules |= {"mountaineer": package, "mountaineer.plugin": package.plugin}
    count = 0
    for project in sorted(os.listdir(root)):
        with open(f"{root}/{project}/pyproject.toml", "rb") as stream:
            version = tomllib.load(stream)["project"]["version"]
        module = project.replace("-", "_")
        plugin = load_module(module, f"{root}/{project}/{module}/plugin.py").plugin
        count += bool(plugin.name and version)
    return count


class BasePlugin:
    pass


def microcoreos_import(root):
    core = types.ModuleType("core")
    core.base_plugin = types.ModuleType("core.base_plugin")
    core.base_plugin.BasePlugin = BasePlugin
    sys.modules |= {"core": core, "core.base_plugin": core.base_plugin}
    count = 0
    for domain in sorted(os.listdir(f"{root}/domains")):
        for name in sorted(os.listdir(f"{root}/domains/{domain}/plugins")):
            if name.endswith("_plugin.py"):
                module = load_module(name[:-3], f"{root}/domains/{domain}/plugins/{name}")
                count += sum(isinstance(value, type) and issubclass(value, BasePlugin)
                             and value is not BasePlugin for value in vars(module).values())
    return count


def pyproject(root):
    count = 0
    for project in sorted(os.listdir(root)):
        with open(f"{root}/{project}/pyproject.toml", "rb") as stream:
            groups = tomllib.load(stream)["project"]["entry-points"]
        count += sum(map(len, groups.values()))
    return count


def dist_info(root):
    count = 0
    for dist in importlib.metadata.distributions(path=[root]):
        metadata = dist.metadata
        count += len(dist.entry_points) if metadata["Name"] and metadata["Version"] else 0
    return count


def dist_info_import(root):
    """Entry points alone, as a host that does not ask for names and versions."""
    return sum(len(dist.entry_points) for dist in importlib.metadata.distributions(path=[root]))


if __name__ == "__main__":
    print(globals()[sys.argv[1].replace("-", "_")](sys.argv[2]))
