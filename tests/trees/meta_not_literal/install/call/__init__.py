PLUGIN_META = make_meta(id="call", name="N", version="1.0")

def register(ctx):
    pass
