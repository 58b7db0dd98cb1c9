from core.base_plugin import BasePlugin


class Plain(BasePlugin):
    pass
