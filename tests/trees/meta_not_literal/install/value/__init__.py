VERSION = "1.0"
PLUGIN_META = {
    "id": "value",
    "name": "N",
    "version": VERSION,
}

def register(ctx):
    pass
