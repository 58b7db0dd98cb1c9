from mountaineer.plugin import MountaineerPlugin

plugin = MountaineerPlugin(name=1)
