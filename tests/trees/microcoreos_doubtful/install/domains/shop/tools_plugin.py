from core.base_plugin import BasePlugin


class Tools(BasePlugin):
    def __init__(self, db, *args, **kwargs):
        pass
