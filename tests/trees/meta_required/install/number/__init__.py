PLUGIN_META = {"id": "number", "name": "N", "version": 1.0}

def register(ctx):
    pass
