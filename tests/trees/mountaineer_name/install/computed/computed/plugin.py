from mountaineer.plugin import MountaineerPlugin

from . import NAME

plugin = MountaineerPlugin(
    controllers=[],
    name=NAME,
)
