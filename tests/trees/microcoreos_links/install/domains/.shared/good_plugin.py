from core.base_plugin import BasePlugin


class Good(BasePlugin):
    pass
