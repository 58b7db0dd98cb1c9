PLUGIN_META = {"set"}

def register(ctx):
    pass
