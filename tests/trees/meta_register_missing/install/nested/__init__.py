PLUGIN_META = {"id": "nested", "name": "N", "version": "1.0.0"}


class Plugin:
    def register(self, ctx):
        pass
