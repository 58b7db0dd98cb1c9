PLUGIN_META = {"name": "N", "version": "1.0.0"}

def register(ctx):
    pass
