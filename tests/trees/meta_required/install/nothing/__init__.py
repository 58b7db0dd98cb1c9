PLUGIN_META = {}

def register(ctx):
    pass
