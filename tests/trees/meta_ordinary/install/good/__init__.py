PLUGIN_META = {"id": "good", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
