PLUGIN_META = {"id": "syntax"

def register(ctx): pass
