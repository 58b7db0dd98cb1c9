# SPDX-License-Identifier: MIT
"""The kernel in miniature: finds the plugin classes of all domains, gives each the tools it declares,
and boots it. A plugin that cannot be imported or booted is logged and left out."""

import dataclasses
import importlib
import inspect
import logging
from pathlib import Path

from core.base_plugin import BasePlugin

log = logging.getLogger("kernel")


@dataclasses.dataclass
class FoundPlugin:
    identity: str  # <domain>.<Class>
    cls: type
    tools: list  # names of the constructor's parameters


def classes_of(root, path):
    """The plugin classes of one file."""
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    module = importlib.import_module(name)
    for cls in vars(module).values():
        is_plugin = inspect.isclass(cls) and issubclass(cls, BasePlugin)
        if is_plugin and cls is not BasePlugin and cls.__module__ == name:
            tools = [] if cls.__init__ is object.__init__ else list(inspect.signature(cls).parameters)
            yield FoundPlugin(f"{path.relative_to(root).parts[1]}.{cls.__name__}", cls, tools)


def discover_plugins(root):
    """Every class under domains/*/plugins/."""
    found = []
    for path in sorted(Path(root).glob("domains/*/plugins/**/*_plugin.py")):
        try:
            found += classes_of(root, path)
        except Exception as error:  # a plugin may raise anything
            log.error("%s is left out: %s", path.relative_to(root), error)
    return found


class Kernel:
    def __init__(self, root, tools):
        self.root, self.tools, self.running = root, tools, {}
        self.found, self.left_out = [], {}  # what discovery gave; identity -> why it does not run

    async def boot(self):
        self.found = discover_plugins(self.root)
        for plugin in self.found:
            missing = [name for name in plugin.tools if name not in self.tools]
            if missing:
                self.leave_out(plugin, f"there is no tool {', '.join(missing)}")
                continue
            try:
                instance = plugin.cls(**{name: self.tools[name] for name in plugin.tools})
                await instance.on_boot()
            except Exception as error:  # a plugin may raise anything
                self.leave_out(plugin, error)
                continue
            self.running[plugin.identity] = instance

    def leave_out(self, plugin, reason):
        self.left_out[plugin.identity] = str(reason)
        log.error("%s is left out: %s", plugin.identity, reason)
