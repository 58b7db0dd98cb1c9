from core.base_plugin import BasePlugin


class Inner(BasePlugin):
    pass
