NAME = "a"
BASE = dict(id=NAME)
def make():
    return P(**BASE, k="a" + f"b")
plugin = make()
PLUGIN_META = {**BASE, "x": [*(1, 2)]}
