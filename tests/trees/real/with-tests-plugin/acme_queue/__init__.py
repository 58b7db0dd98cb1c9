"""A plugin."""


def load():
    return True
