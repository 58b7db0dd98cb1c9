"""Broken on purpose: the module it needs is not installed. The application does not name it (yet)."""

from mountaineer.plugin import MountaineerPlugin
from mountaineer_legacy_pages import LegacyController

plugin = MountaineerPlugin(name="broken", controllers=[LegacyController])
