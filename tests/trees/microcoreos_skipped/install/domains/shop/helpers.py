from core.base_plugin import BasePlugin


class Helper(BasePlugin):
    pass
