"""Asks for a tool that this kernel does not have: the kernel says so and goes on."""

from core.base_plugin import BasePlugin


class SendMailPlugin(BasePlugin):
    def __init__(self, mailer, event_bus):
        self.mailer = mailer
        self.bus = event_bus

    async def on_boot(self):
        await self.bus.subscribe("product.created", self.mailer.send)
