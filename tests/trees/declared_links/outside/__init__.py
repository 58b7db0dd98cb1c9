PLUGIN_META = {"id": "outside", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
