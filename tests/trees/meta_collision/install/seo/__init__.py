PLUGIN_META = {"id": "seo", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
