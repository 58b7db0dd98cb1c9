from core.base_plugin import BasePlugin


class Near(BasePlugin):
    pass
