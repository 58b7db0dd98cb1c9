PLUGIN_META = dict(id=1)

def register(ctx):
    pass
