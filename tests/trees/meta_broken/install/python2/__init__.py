PLUGIN_META = {"id": "a", "name": "N", "version": "1"}


def register(ctx):
    print "no"
