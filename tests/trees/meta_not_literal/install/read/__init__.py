import json

PLUGIN_META = json.load(open("meta.json"))

def register(ctx):
    pass
