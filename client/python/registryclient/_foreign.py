# SPDX-License-Identifier: MIT
"""Distributions of finders that are neither Python's own nor ours: a frozen application's, a test's. They are
asked as importlib.metadata asks them, so this is imported only where there is one.
"""

from importlib.metadata import DistributionFinder

from ._names import normalize


class ForeignDistribution:
    """A distribution that such a finder gave, with what _walk.Distribution offers."""

    is_foreign = True
    is_installed = True

    def __init__(self, dist) -> None:
        self.dist = dist
        self.origin = f"{type(dist).__module__}.{type(dist).__qualname__}"
        self.root = None
        self.entries: list[tuple[str, str, str]] = []
        self.rows: list[tuple] = []
        self.key = self._ask(lambda: normalize(dist.metadata["Name"]), "")

    def _ask(self, question, otherwise):
        try:
            return question()
        except Exception as error:  # of this distribution alone
            self.add(True, "unreadable", f"The distribution fails with {type(error).__name__}: {error}")
            return otherwise

    def add(self, is_error: bool, code: str, message: str, hint: str | None = None, where: str | None = None) -> None:
        self.rows.append((is_error, code, where or self.origin, message, hint))

    def project(self) -> str:
        return self.key

    def inspect(self) -> list:
        return self.rows

    def has_entry_points(self) -> bool:
        return True

    def is_there(self) -> bool:
        return True

    def is_readable(self) -> bool:
        return True

    def name_and_version(self) -> tuple[str, str | None]:
        return self.key.replace("_", "-"), self._ask(lambda: self.dist.version, None)

    def read(self) -> None:
        self.entries = self._ask(lambda: [(one.group, one.name, one.value) for one in self.dist.entry_points], [])

    read_once = read

    def record(self, index: int) -> tuple:
        group, name, value = self.entries[index]
        package, version = self.name_and_version()
        return (group, name, value, package, version, "walk", None, self.origin, None, None, None, None)

    def findings(self, index: int) -> list:
        return self.rows


def find_all(finder) -> list[ForeignDistribution]:
    """What a finder gives for everything; a finder that fails gives nothing."""
    try:
        return [ForeignDistribution(dist) for dist in finder.find_distributions(DistributionFinder.Context())]
    except Exception:
        return []
