from core.base_plugin import BasePlugin


class Deep(BasePlugin):
    pass
