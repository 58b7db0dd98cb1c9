# SPDX-License-Identifier: MIT
"""install(): the same answers for programs that nobody changes. It stands in for
PathFinder.find_distributions, through which importlib.metadata, and so pluggy, pytest, stevedore and the
rest, finds every distribution; and for the finder of the back-port importlib_metadata.

Whatever goes wrong in here, the program gets what it would have got without, and one warning.
"""

import sys
from importlib.machinery import PathFinder

from . import _lookup

_hooks: dict[str, "_Hook"] = {}  # by the name of the module they serve


def install(mode: str | None = None, groups=None, *, snapshot=None, url: str | None = None,
            environment: str | None = None) -> None:  # fmt: skip
    """Serves every program in this process that looks for entry points; arguments as of `configure`.

    Calling it again only configures. With REGISTRYD_DISABLE set it does nothing.
    """
    if _lookup.is_disabled():
        return
    _lookup.configure(mode=mode, groups=groups, snapshot=snapshot, url=url, environment=environment)
    if "importlib.metadata" not in _hooks and hasattr(PathFinder, "find_distributions"):  # the back-port removes it
        _hooks["importlib.metadata"] = _Hook("importlib.metadata", PathFinder)
    if "importlib_metadata" in sys.modules:
        _attach_backport()
    elif not any(isinstance(finder, _BackportWatcher) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BackportWatcher())


def uninstall() -> None:
    """Takes back what install did. The settings stay for `registryclient.entry_points`."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _BackportWatcher)]
    while _hooks:
        _hooks.popitem()[1].detach()


def installed() -> bool:
    """Whether install is in force."""
    return bool(_hooks)


def originals() -> list:
    """Every find_distributions of the process as it is without us."""
    ours = {id(hook.finder): hook.original for hook in _hooks.values()}
    found = ((finder, getattr(finder, "find_distributions", None)) for finder in sys.meta_path)
    return [ours.get(id(finder), find) for finder, find in found if find is not None]


def _attach_backport() -> None:
    wanted = getattr(sys.modules["importlib_metadata"], "MetadataPathFinder", None)
    finder = next((one for one in sys.meta_path if wanted is not None and type(one) is wanted), None)
    if finder is not None and "importlib_metadata" not in _hooks:
        _hooks["importlib_metadata"] = _Hook("importlib_metadata", finder)


class _BackportWatcher:
    """Waits for the import of importlib_metadata, which brings a finder of its own and removes the one
    of the standard library."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "importlib_metadata":
            return None
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _BackportWatcher)]
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            _run_after(spec.loader, _attach_backport)
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
        self.kept = vars(finder).get("find_distributions")  # None: it is that of the object's class
        self.original = finder.find_distributions
        self.active = True
        self.warned = False
        function = self.find_distributions
        self.replacement = staticmethod(function) if isinstance(finder, type) else function
        finder.find_distributions = self.replacement

    def detach(self) -> None:
        self.active = False
        if vars(self.finder).get("find_distributions") is not self.replacement:
            return  # somebody replaced it after us; ours now only passes on
        if self.kept is None:
            del self.finder.find_distributions
        else:
            self.finder.find_distributions = self.kept

    def find_distributions(self, context=None):
        """In place of the original: the distributions for a context, as the mode says."""
        module = sys.modules.get(self.module_name)
        if module is None:  # somebody asks PathFinder alone
            from importlib import import_module

            module = import_module(self.module_name)
        if context is None:
            context = module.DistributionFinder.Context()
        if self.active and not _lookup.is_disabled():
            try:
                from ._serve import serve

                return iter(serve(module, self.original, context))
            except Exception as error:
                self._warn(error)
        return self.original(context)

    def _warn(self, error: Exception) -> None:
        if not self.warned:
            self.warned = True
            import warnings

            warnings.warn(f"registryclient steps aside, the directories answer: {type(error).__name__}: {error}",
                          RuntimeWarning, stacklevel=4)  # fmt: skip
