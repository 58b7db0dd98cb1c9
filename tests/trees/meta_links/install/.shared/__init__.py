PLUGIN_META = {"id": "inside", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
