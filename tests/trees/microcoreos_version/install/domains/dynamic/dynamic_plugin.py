from core.base_plugin import BasePlugin


class Dynamic(BasePlugin):
    pass
