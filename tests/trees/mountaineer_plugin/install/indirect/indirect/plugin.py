from mountaineer.plugin import MountaineerPlugin

made = MountaineerPlugin(name="x")
plugin = made
