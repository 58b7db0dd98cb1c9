from core.base_plugin import BasePlugin


class Nameless(BasePlugin):
    pass
