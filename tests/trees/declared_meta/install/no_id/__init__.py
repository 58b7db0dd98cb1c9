PLUGIN_META = {"name": "N", "version": "1"}

def register(ctx):
    pass
