import mountaineer.plugin as mp

plugin: mp.MountaineerPlugin = mp.MountaineerPlugin(
    name=("quali"
          "fied"),
)
