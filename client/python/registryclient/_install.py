# SPDX-License-Identifier: MIT
"""install(): the same answers for programs without a change. It replaces
PathFinder.find_distributions, through which importlib.metadata, and so pluggy, pytest, stevedore and the
rest, finds every distribution; and for the finder of the back-port importlib_metadata.

When this module fails, the program gets the answer that it would get without it, and one warning.
"""

import sys
from importlib.machinery import PathFinder

from . import _lookup, _state

_hooks: dict = {}  # by the name of the module they serve


def install(mode: str | None = None, groups=None, *, snapshot=None, url: str | None = None, environment: str | None = None,
            allow_uninstalled: bool = False, enforce: str | None = None) -> None:  # fmt: skip
    """Serves every program in this process that looks for entry points; arguments as of `configure`.

    Calling it again only configures. With REGISTRYD_DISABLE set it does nothing.
    """
    if _state.is_disabled():
        return
    _lookup.configure(mode=mode, groups=groups, snapshot=snapshot, url=url, environment=environment,
                      allow_uninstalled=allow_uninstalled, enforce=enforce)  # fmt: skip
    if "importlib.metadata" not in _hooks and hasattr(PathFinder, "find_distributions"):  # the back-port removes it
        _hooks["importlib.metadata"] = _Hook("importlib.metadata", PathFinder)
    for name, attach in _WATCHED.items():
        if name in sys.modules:
            attach()
        elif not any(isinstance(finder, _ImportWatcher) and finder.name == name for finder in sys.meta_path):
            sys.meta_path.insert(0, _ImportWatcher(name, attach))


def uninstall() -> None:
    """Undoes install(). The settings stay for `registryclient.entry_points`."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _ImportWatcher)]
    while _hooks:
        _hooks.popitem()[1].detach()


def installed() -> bool:
    """Whether install() is active."""
    return bool(_hooks)


def _attach_backport() -> None:
    wanted = getattr(sys.modules["importlib_metadata"], "MetadataPathFinder", None)
    finder = next((one for one in sys.meta_path if wanted is not None and type(one) is wanted), None)
    if finder is not None and "importlib_metadata" not in _hooks:
        _hooks["importlib_metadata"] = _Hook("importlib_metadata", finder)


def _attach_pluggy() -> None:
    manager = getattr(sys.modules["pluggy"], "PluginManager", None)
    if manager is not None and "pluggy" not in _hooks and hasattr(manager, "load_setuptools_entrypoints"):
        _hooks["pluggy"] = _PluggyHook(manager)


# Module -> what to do when it is there: the back-port brings a finder of its own and removes the one of the
# standard library; pluggy loads all of a group and stops at the first error.
_WATCHED = {"importlib_metadata": _attach_backport, "pluggy": _attach_pluggy}


class _ImportWatcher:
    """Waits for the import of one module, then removes itself."""

    def __init__(self, name: str, attach):
        self.name = name
        self.attach = attach

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            _run_after(spec.loader, self.attach)
        return spec

    @staticmethod
    def invalidate_caches():
        pass


def _run_after(loader, action) -> None:
    """Runs the action when the loader of one module has done its work."""
    execute = loader.exec_module

    def exec_module(module):
        execute(module)
        if _hooks:
            action()

    try:
        loader.exec_module = exec_module
    except AttributeError:
        pass  # a loader that cannot be changed: the back-port stays as it is


class _Hook:
    """One replaced find_distributions, of a class (PathFinder) or an object, and what was there."""

    def __init__(self, module_name: str, finder):
        self.module_name = module_name
        self.finder = finder
        self.replaced = vars(finder).get("find_distributions")  # None: it is that of the object's class
        self.original = finder.find_distributions
        self.active = True
        self.warned = False
        function = self.find_distributions
        self.replacement = staticmethod(function) if isinstance(finder, type) else function
        finder.find_distributions = self.replacement
        _state.keep_original(finder, self.original)

    def detach(self) -> None:
        self.active = False
        _state.forget_original(self.finder)
        if vars(self.finder).get("find_distributions") is not self.replacement:
            return  # replaced again after us: ours only passes on from now on
        if self.replaced is None:
            del self.finder.find_distributions
        else:
            self.finder.find_distributions = self.replaced

    def find_distributions(self, context=None):
        """Instead of the original: the distributions for a context, as the mode says."""
        module = sys.modules.get(self.module_name)
        if module is None:  # a caller of PathFinder alone
            from importlib import import_module

            module = import_module(self.module_name)
        if context is None:
            context = module.DistributionFinder.Context()
        if self.active and not _state.is_disabled():
            try:
                from ._serve import serve

                return iter(serve(module, self.original, context))
            except Exception as error:
                if getattr(error, "is_final", False):
                    raise
                self._warn(error)
        return self.original(context)

    def _warn(self, error: Exception) -> None:
        if not self.warned:
            self.warned = True
            import warnings

            warnings.warn(f"registryclient failed, so the directories answer: {type(error).__name__}: {error}",
                          RuntimeWarning, stacklevel=4)  # fmt: skip


class _PluggyHook:
    """pluggy's loading of a group, in which a plugin that may not be loaded is left out with a warning."""

    def __init__(self, manager):
        self.manager = manager
        self.original = manager.load_setuptools_entrypoints
        self.replacement = self._make()
        manager.load_setuptools_entrypoints = self.replacement

    def _make(self):
        original = self.original

        def load_setuptools_entrypoints(manager, group, name=None):
            from ._serve import leaving_out

            def is_wanted(entry_point):
                is_named = entry_point.group == group and (name is None or entry_point.name == name)
                return is_named and not (manager.get_plugin(entry_point.name) or manager.is_blocked(entry_point.name))

            with leaving_out(is_wanted):
                return original(manager, group, name)

        load_setuptools_entrypoints.__doc__ = original.__doc__
        return load_setuptools_entrypoints

    def detach(self) -> None:
        if self.manager.__dict__.get("load_setuptools_entrypoints") is self.replacement:
            self.manager.load_setuptools_entrypoints = self.original
