from core.base_plugin import BasePlugin


class Sell(BasePlugin):
    pass
