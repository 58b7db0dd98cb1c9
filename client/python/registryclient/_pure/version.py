# SPDX-License-Identifier: MIT
"""Versions and specifiers as decisions need them (PEP 440): whether a version is the one that a row names, or lies
outside a pin. `packaging` need not be installed."""

VERSION_BYTES_MAX = 256
SPECIFIER_BYTES_MAX = 4096
_SPACE = " \t\n\r\v\f"
_LABELS = {"alpha": "a", "a": "a", "beta": "b", "b": "b", "preview": "rc", "pre": "rc", "rc": "rc", "c": "rc"}
_PATTERN = (r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
            r"(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?"
            r"(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?"
            r"(?:[-_.]?(dev)[-_.]?(\d*))?"
            r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?")  # fmt: skip
_OPERATORS = ("===", "~=", "==", "!=", "<=", ">=", "<", ">")
_pattern = None


class Version:
    """A version, as its parts."""

    __slots__ = ("epoch", "release", "base", "pre", "post", "dev", "local")

    def __init__(self, epoch: int, release: tuple[int, ...], pre: tuple[str, int] | None, post: int | None,
                 dev: int | None, local: tuple) -> None:  # fmt: skip
        self.epoch, self.release, self.pre, self.post, self.dev, self.local = epoch, release, pre, post, dev, local
        count = len(release)
        while count and not release[count - 1]:
            count -= 1
        self.base = (epoch, release[:count])  # 1.0 and 1.0.0 are one version

    @property
    def is_prerelease(self) -> bool:
        return self.pre is not None or self.dev is not None

    def public(self) -> tuple:
        """The order of the public part: 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0 < 1.0.post1.dev1 < 1.0.post1."""
        rank: tuple = (1, *self.pre) if self.pre else (0,) if self.dev is not None and self.post is None else (2,)
        post = (0, 0) if self.post is None else (1, self.post)
        dev = (1, 0) if self.dev is None else (0, self.dev)
        return self.base, rank, post, dev

    def whole(self) -> tuple:
        """With the local part: words before numbers, and one that goes on is the greater one."""
        return self.public(), tuple((1, "", int(part)) if part.isdigit() else (0, part, 0) for part in self.local)

    def __str__(self) -> str:
        text = (f"{self.epoch}!" if self.epoch else "") + ".".join(map(str, self.release))
        text += f"{self.pre[0]}{self.pre[1]}" if self.pre else ""
        text += "" if self.post is None else f".post{self.post}"
        text += "" if self.dev is None else f".dev{self.dev}"
        return text + ("+" + ".".join(self.local) if self.local else "")


def parse(text: str) -> Version | None:
    """None: it is no version."""
    text = text.strip(_SPACE)
    if not text or not text.isascii() or len(text) > VERSION_BYTES_MAX:
        return None
    return _parse_plain(text) or _parse(text.lower())


def _parse_plain(text: str) -> Version | None:
    """ "1.2.3" without the pattern, whose module need not be loaded for it."""
    parts = text.split(".")
    return Version(0, tuple(map(int, parts)), None, None, None, ()) if all(map(str.isdigit, parts)) else None


def _parse(text: str) -> Version | None:
    global _pattern
    if _pattern is None:
        import re

        _pattern = re.compile(_PATTERN)
    match = _pattern.fullmatch(text)
    if match is None:
        return None
    epoch, release, label, pre, implicit, post_label, post, dev_label, dev, local = match.groups()
    parts = local.replace("-", ".").replace("_", ".").split(".") if local else ()
    made = Version(
        int(epoch or 0), tuple(map(int, release.split("."))), (_LABELS[label], int(pre or 0)) if label else None,
        int(implicit) if implicit else int(post or 0) if post_label else None, int(dev or 0) if dev_label else None,
        tuple(str(int(part)) if part.isdigit() else part for part in parts),
    )  # fmt: skip
    return made if len(str(made)) <= VERSION_BYTES_MAX else None  # or it could not be read back


# ---- specifiers ----


class Clause:
    """One comparison: operator, version (None behind `===`, when it is none), whether ".*" stands behind it."""

    __slots__ = ("operator", "text", "version", "is_prefix")

    def __init__(self, operator: str, text: str, version: Version | None, is_prefix: bool):
        self.operator, self.text, self.version, self.is_prefix = operator, text, version, is_prefix

    def accepts(self, version: Version) -> bool:
        if self.operator == "===":
            return self.text.isascii() and self.text.lower() == str(version)
        if self.version is None:
            return False
        return _COMPARE[self.operator](self, self.version, version)


def _has_prefix(version: Version, prefix: Version, count: int) -> bool:
    mine = (*version.release, *(0,) * count)[:count]
    return version.epoch == prefix.epoch and mine == prefix.release[:count]


def _is_equal(clause: Clause, wanted: Version, version: Version) -> bool:
    if clause.is_prefix:
        return _has_prefix(version, wanted, len(wanted.release))
    if wanted.local:
        return version.whole() == wanted.whole()
    return version.public() == wanted.public()  # "==1.0" does not ask for a local part


def _is_compatible(clause: Clause, wanted: Version, version: Version) -> bool:
    return version.public() >= wanted.public() and _has_prefix(version, wanted, len(wanted.release) - 1)


def _is_less(clause: Clause, bound: Version, version: Version) -> bool:
    """ "<3.1" takes none of the pre-releases of 3.1, unless it names a pre-release itself."""
    if not version.whole() < bound.whole():
        return False
    if bound.is_prerelease or not version.is_prerelease or version.base != bound.base:
        return True
    is_of_post = version.pre is None and version.post is not None and version.post == bound.post
    return bound.post is not None and not is_of_post


def _is_greater(clause: Clause, bound: Version, version: Version) -> bool:
    """ ">1.7" takes neither 1.7.post1, unless it names a post-release itself, nor 1.7+local."""
    if not version.whole() > bound.whole() or version.public() == bound.public():
        return False
    is_post_of = version.post is not None and bound.dev is None and version.pre == bound.pre and version.base == bound.base
    return bound.post is not None or not is_post_of


_COMPARE = {
    "~=": _is_compatible,
    "==": _is_equal,
    "!=": lambda clause, wanted, version: not _is_equal(clause, wanted, version),
    "<=": lambda clause, wanted, version: version.public() <= wanted.public(),
    ">=": lambda clause, wanted, version: version.public() >= wanted.public(),
    "<": _is_less,
    ">": _is_greater,
}


def parse_specifiers(text: str) -> list[Clause] | None:
    """The clauses of a set; None: it is none."""
    if len(text.encode("utf-8", "surrogatepass")) > SPECIFIER_BYTES_MAX:
        return None
    clauses = []
    for piece in filter(None, (piece.strip(_SPACE) for piece in text.split(","))):
        clause = _parse_clause(piece)
        if clause is None:
            return None
        clauses.append(clause)
    return clauses


def _parse_clause(piece: str) -> Clause | None:
    operator = next((one for one in _OPERATORS if piece.startswith(one)), None)
    if operator is None or len(piece.encode("utf-8", "surrogatepass")) > VERSION_BYTES_MAX:
        return None
    text = piece[len(operator) :].strip(_SPACE)
    if operator == "===":
        is_text = bool(text) and not any(char in _SPACE + ";)\0" for char in text)
        return Clause(operator, text, parse(text), False) if is_text else None
    is_prefix = len(text) > 2 and text.endswith(".*")
    bare = text[:-2] if is_prefix else text
    version = parse(bare) if bare and bare[-1] not in _SPACE else None
    if version is None or _is_misused(operator, version, is_prefix):
        return None
    return Clause(operator, text, version, is_prefix)


def _is_misused(operator: str, version: Version, is_prefix: bool) -> bool:
    takes_both = operator in ("==", "!=")
    has_more = version.pre is not None or version.post is not None or bool(version.local)
    is_dev_only = version.dev is not None
    return ((is_prefix and (not takes_both or has_more or is_dev_only)) or (bool(version.local) and not takes_both)
            or (operator == "~=" and len(version.release) < 2))  # fmt: skip


def version_meets(version: str | None, wanted: str | None, pin: str | None, /) -> bool | None:
    """Whether a version equals the wanted one, or with wanted None, whether it lies outside the pin. None: the
    version cannot be read, so nothing is known. What a registry wrote and this program cannot read is met by
    nothing: a row that is not understood must not withhold a plugin."""
    found = parse(version) if version else None
    if found is None:
        return None
    if wanted is not None:
        other = parse(wanted)
        return other is not None and found.whole() == other.whole()
    clauses = parse_specifiers(pin) if pin is not None else None
    return clauses is not None and not all(clause.accepts(found) for clause in clauses)
