from mountaineer.plugin import MountaineerPlugin

plugin = MountaineerPlugin()
