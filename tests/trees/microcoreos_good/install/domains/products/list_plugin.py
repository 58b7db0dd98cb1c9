from core.base_plugin import BasePlugin


class ListPlugin(BasePlugin):
    async def on_boot(self):
        pass
