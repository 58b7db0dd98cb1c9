from core.base_plugin import BasePlugin


class PlaceOrder(BasePlugin):
    def __init__(self, db, *, http=None):
        pass
