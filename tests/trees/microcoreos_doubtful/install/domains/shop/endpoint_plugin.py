from core.base_plugin import BasePlugin


class Endpoint(BasePlugin):
    async def on_boot(self):
        self.http.add_endpoint(path="/good", method="GET")
        self.http.add_endpoint(path=PREFIX + "/x", method="GET")
        self.http.add_endpoint(*where, "GET")
