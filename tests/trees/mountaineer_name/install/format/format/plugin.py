from mountaineer.plugin import MountaineerPlugin

plugin = MountaineerPlugin(name=f"x-{1}")
