PLUGIN_META = {"id": "other", "name": "N", "version": "2.0.0"}

def register(ctx):
    pass
