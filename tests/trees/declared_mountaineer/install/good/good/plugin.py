from mountaineer.plugin import MountaineerPlugin

plugin = MountaineerPlugin(name="good")
