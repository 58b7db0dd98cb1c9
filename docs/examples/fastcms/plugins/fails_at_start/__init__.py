"""Broken on purpose: what it declares is right, what it does is not."""

PLUGIN_META = {"id": "fails-at-start", "name": "Fails at start", "version": "0.1.0"}


def register(ctx) -> None:
    raise RuntimeError("the mail server does not answer")
