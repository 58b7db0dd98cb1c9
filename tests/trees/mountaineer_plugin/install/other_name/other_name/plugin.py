from mountaineer.plugin import MountaineerPlugin

app = MountaineerPlugin(name="x")
