from mountaineer.plugin import MountaineerPlugin

plugin = make()
