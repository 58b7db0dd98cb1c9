from mountaineer.plugin import MountaineerPlugin

def make():
    plugin = MountaineerPlugin(name="x")
    return plugin
