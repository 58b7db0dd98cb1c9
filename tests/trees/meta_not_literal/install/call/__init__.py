PLUGIN_META = dict(id="call", name="N", version="1.0")

def register(ctx):
    pass
