PLUGIN_META = dict(id=compute())

def register(ctx):
    pass
