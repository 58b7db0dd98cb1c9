PLUGIN_META = {"id": "hello", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
