PLUGIN_META = {"id": "seo", "name": "N", "version": "2.0.0"}

def register(ctx):
    pass
