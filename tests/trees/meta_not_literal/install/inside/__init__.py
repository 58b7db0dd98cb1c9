def make():
    PLUGIN_META = {"id": "inside", "name": "N", "version": "1.0"}

def register(ctx):
    pass
