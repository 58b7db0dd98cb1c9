# SPDX-License-Identifier: MIT
"""The settings of a connection, from arguments, environment variables and defaults, and the checks that need no
request. A wrong setting is UsageError and never looks like a lost network."""

import os

from .faults import fault

DEFAULT_URL = "http://127.0.0.1:7621"
DEFAULT_TIMEOUT_MS = 10000
_SPACE = " \t\n\r\v\f"
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")


def choose(given: str | None, variable: str, otherwise: str | None) -> str | None:
    """The setting without white space around it: a token often comes from a file with its newline. An empty one
    counts as not given."""
    text = os.environ.get(variable) if given is None else given
    return (text or "").strip(_SPACE) or otherwise


def url_of(given: str | None) -> str:
    return (choose(given, "REGISTRYD_URL", DEFAULT_URL) or DEFAULT_URL).rstrip("/")


def environment_of(given: str | None) -> str:
    return choose(given, "REGISTRYD_ENVIRONMENT", "default") or "default"


def is_set(variable: str) -> bool:
    """ "1", "yes", "true": anything else is no consent."""
    return os.environ.get(variable, "").lower() in ("1", "yes", "true")


def check_token(token: str | None) -> None:
    """What goes into a header line must not be able to end it."""
    if token and any(not " " < char <= "~" for char in token):
        raise fault("usage", "The token holds white space or a character outside ASCII; see --token and REGISTRYD_TOKEN")


def check_url(url: str) -> None:
    """ "http://token@host" is refused: addresses appear in logs and messages, and a token must not."""
    scheme, slashes, rest = url.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    is_web = scheme.lower() in ("http", "https") and slashes
    if any(not " " < char <= "~" for char in url):
        raise _no_address(url)
    if is_web and "@" in authority:
        raise fault("usage", "The registry's address must not hold a user or a password; "
                    "give the token with --token or REGISTRYD_TOKEN")  # fmt: skip
    if not is_web or not _is_authority(authority):
        raise _no_address(url)
    if "?" in url or "#" in url:
        raise fault("usage", f'The registry\'s address "{url}" must end before any "?" or "#"')


def _no_address(url: str):
    return fault("usage", f'"{url}" is not the address of a registry; it should look like {DEFAULT_URL} (see --url and REGISTRYD_URL)')


def _is_authority(authority: str) -> bool:
    """ "host", "host:7621", "[::1]:7621"."""
    if authority.startswith("["):
        inner, bracket, port = authority[1:].partition("]")
        return bool(bracket and inner) and _is_port(port)
    host, colon, port = authority.partition(":")
    return bool(host) and _HOST.issuperset(host) and _is_port(colon + port)


def _is_port(port: str) -> bool:
    digits = port[1:]
    return not port or (port[0] == ":" and digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) < 65536)


def is_loopback(url: str) -> bool:
    """A proxy set for the machine is for other hosts, never for the machine itself."""
    from socket import AF_INET, inet_aton, inet_pton
    from urllib.parse import urlsplit

    host = (urlsplit(url).hostname or "").rstrip(".")
    if host.lower() == "localhost" or host == "::1":
        return True
    try:  # "127.1" is "127.0.0.1"
        return inet_aton(host)[0] == 127 and host[:1].isdigit()
    except OSError:
        pass
    try:
        return inet_pton(AF_INET, host)[0] == 127
    except OSError:
        return False
