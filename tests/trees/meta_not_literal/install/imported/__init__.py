from .meta import PLUGIN_META

def register(ctx):
    pass
