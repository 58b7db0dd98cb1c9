PLUGIN_META = {"id": "empty", "name": "", "version": "1.0.0"}

def register(ctx):
    pass
