VERSION = read_version()
PLUGIN_META = {
    "id": "value",
    "name": "N",
    "version": VERSION,
}

def register(ctx):
    pass
