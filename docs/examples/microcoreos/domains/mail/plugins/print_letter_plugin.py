"""Broken on purpose: it needs a module that nobody has."""

from core.base_plugin import BasePlugin
from letter_press import Press


class PrintLetterPlugin(BasePlugin):
    def __init__(self, event_bus):
        self.bus = event_bus
        self.press = Press()
