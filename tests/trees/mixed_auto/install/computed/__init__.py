PLUGIN_META = make()

def register(ctx):
    pass
