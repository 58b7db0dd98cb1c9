from core.base_plugin import BasePlugin


class Old(BasePlugin):
    pass
