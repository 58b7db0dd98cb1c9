from core.base_plugin import BasePlugin


class Outside(BasePlugin):
    pass
