PLUGIN_META = {"id": "no-version", "name": "N"}

def register(ctx):
    pass
