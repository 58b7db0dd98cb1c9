# SPDX-License-Identifier: MIT
"""How the hosts themselves find plugins today, in Python: `host_ways.py CONVENTION ROOT` prints how many.

Each is the fastest honest form of it: PyYAML's C loader, compiled bytecode kept from the run before,
`importlib.metadata` on one path. The walk in C is measured beside these.
"""

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


def load_module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plugin_meta(root):
    count = 0
    for folder in sorted(os.listdir(root)):
        module = load_module(folder, f"{root}/{folder}/__init__.py")
        count += {"id", "name", "version"} <= module.PLUGIN_META.keys() and callable(module.register)
    return count


class MountaineerPlugin:
    def __init__(self, name, **_options):
        self.name = name


def mountaineer(root):
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


def microcoreos(root):
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
    return sum(len(dist.entry_points) for dist in importlib.metadata.distributions(path=[root]))


if __name__ == "__main__":
    print(globals()[sys.argv[1].replace("-", "_")](sys.argv[2]))
