"""Checks of Acme."""

__version__ = "0.4"
