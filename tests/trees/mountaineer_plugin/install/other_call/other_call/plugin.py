from mountaineer.plugin import MountaineerPlugin

plugin = make(MountaineerPlugin(name="x"))
