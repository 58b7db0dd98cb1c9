PLUGIN_META = {"id": "meta-and-project", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
