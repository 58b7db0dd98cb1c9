PLUGIN_META = {"id": "crm", "name": "N", "version": "1.0.0"}

def register(ctx):
    pass
