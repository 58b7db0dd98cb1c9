from core.base_plugin import BasePlugin


class Test(BasePlugin):
    pass
