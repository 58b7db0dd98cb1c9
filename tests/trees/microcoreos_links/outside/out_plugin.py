from core.base_plugin import BasePlugin


class Out(BasePlugin):
    pass
