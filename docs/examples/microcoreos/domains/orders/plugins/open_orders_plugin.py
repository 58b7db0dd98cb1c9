"""What has to be ordered: every new product, until somebody does."""

from core.base_plugin import BasePlugin


class OpenOrdersPlugin(BasePlugin):
    def __init__(self, http, event_bus):
        self.http = http
        self.bus = event_bus
        self.open = []

    async def on_boot(self):
        await self.bus.subscribe("product.created", self.remember)
        self.http.add_endpoint(path="/orders/open", method="GET", handler=self.list_open)

    def remember(self, event):
        self.open.append(event["id"])

    async def list_open(self, data, context=None):
        return {"success": True, "data": self.open}
