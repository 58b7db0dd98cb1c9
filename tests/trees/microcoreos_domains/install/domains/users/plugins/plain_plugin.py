import core.base_plugin


class PlainPlugin(core.base_plugin.BasePlugin):
    pass
