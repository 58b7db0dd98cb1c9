"""Events by every spelling, models of several forms, and imports from other domains."""

from typing import TYPE_CHECKING

from core.base_plugin import BasePlugin
from domains.users.models import User, Role
from ..models import Order
from ...mail import letters

if TYPE_CHECKING:
    import domains.users.models.user as user

PLACED = "order.placed"
TAGS = ["Orders", "Shop"]


class PlaceOrderPlugin(BasePlugin):
    def __init__(self, http, event_bus):
        self.http, self.bus = http, event_bus

    async def on_boot(self):
        self.http.add_endpoint("/orders/{order_id}", "PUT", self.execute, tags=TAGS,
                               request_model=OrderRequest, response_model=list[Order | None])
        self.http.add_endpoint("/orders", "GET", self.execute, tags=make_tags(), response_model=None)
        await self.bus.subscribe("user.created", self.greet)
        await self.bus.subscribe(event_name="user." + "deleted", callback=self.greet)

    async def execute(self, data: dict, context=None):
        from domains.stock.models import Item
        for event in (PLACED, "x"):
            await self.bus.publish(event, {})
        await self.bus.publish(PLACED, {})
        await self.bus.publish("order.placed", {})
        self.bus.publish("order.counted", **{"data": {}})


class WatcherPlugin(PlaceOrderPlugin):
    async def on_boot(self):
        self.subscribe = self.bus.subscribe
        await self.subscribe("*", print)
