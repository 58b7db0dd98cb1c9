from core.base_plugin import BasePlugin


class Hidden(BasePlugin):
    pass
