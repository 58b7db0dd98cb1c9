from typing import Optional

from core.base_plugin import BasePlugin
from pydantic import BaseModel


class CreateProductRequest(BaseModel):
    name: str
    price: float


class CreateProductResponse(BaseModel):
    success: bool
    error: Optional[str] = None


class CreateProductPlugin(BasePlugin):
    def __init__(self, db, http, logger, event_bus):
        self.db = db
        self.http = http
        self.logger = logger
        self.bus = event_bus

    async def on_boot(self):
        self.http.add_endpoint(
            path="/products",
            method="POST",
            handler=self.execute,
            tags=["Products"],
            request_model=CreateProductRequest,
            response_model=CreateProductResponse,
        )

    async def execute(self, data: dict, context=None):
        return {"success": True}
