PLUGIN_META = ["list", "N", "1.0"]

def register(ctx):
    pass
