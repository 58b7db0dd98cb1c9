PLUGIN_META = {"id": "no-name", "version": "1.0.0"}

def register(ctx):
    pass
