from core.base_plugin import BasePlugin


class Deeper(BasePlugin):
    pass
