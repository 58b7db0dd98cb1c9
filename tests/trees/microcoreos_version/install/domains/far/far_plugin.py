from core.base_plugin import BasePlugin


class Far(BasePlugin):
    pass
