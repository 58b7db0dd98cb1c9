# SPDX-License-Identifier: MIT
"""Questions in their normal form (docs/SNAPSHOT.md): equal questions are equal texts, so that hosts which ask the
same share a cached file."""

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
DELIVERY = ("explain", "limit", "cursor", "min_serial", "min_epoch")  # how an answer is handed over, not what it says


def encode(text: str) -> str:
    """Percent-encoded: every byte but ASCII letters, digits and -._~"""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))


def normal_form(environment: str | None, parts: list[tuple[str, str | None]]) -> str:
    """`environment` first; the other parameters sorted by their bytes, each once."""
    kept = {(name.encode(), value.encode("utf-8", "surrogateescape")): f"{name}={encode(value)}" for name, value in parts
            if value is not None and name not in DELIVERY and name != "environment"}  # fmt: skip
    return "&".join([f"environment={encode(environment or 'default')}", *(kept[key] for key in sorted(kept))])


def parts_of(facts: dict, groups=(), prereleases: bool = False, python: str | None = None) -> list[tuple[str, str | None]]:
    """The parameters of a query about groups, with the facts of a host (python, markers, have, tags)."""
    return [("python", python or facts.get("python")), ("prereleases", "1" if prereleases else None),
            *(("group", group) for group in groups),
            *(("have", f"{name}=={version}") for name, version in facts.get("have") or ()),
            *(("marker", f"{name}={value}") for name, value in facts.get("markers") or ()),
            *(("tag", tag) for tag in facts.get("tags") or ())]  # fmt: skip


def has_group(question: str, group: str) -> bool:
    """Whether the answer to the question covers a group. A question without a group asks for all."""
    wanted = f"group={encode(group)}"
    named = [part for part in question.split("&") if part.startswith("group=") and len(part) > 6]
    return wanted in question.split("&") or not named
