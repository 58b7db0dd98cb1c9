# SPDX-License-Identifier: MIT
"""What every MicroCoreOS plugin inherits from."""


class BasePlugin:
    async def on_boot(self):
        """Endpoints and subscriptions are registered here."""
