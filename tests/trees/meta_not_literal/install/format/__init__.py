PLUGIN_META = {"id": f"{__name__}", "name": "N", "version": "1.0"}

def register(ctx):
    pass
