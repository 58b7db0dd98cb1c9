from core.base_plugin import BasePlugin


class Broken(BasePlugin):
    pass
