from core.base_plugin import BasePlugin


class Bad(BasePlugin)
    pass
