"""Stock: how many of an article lie where."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(prefix="/api/warehouse/stock", tags=["warehouse"])


class Stock(BaseModel):
    article: str
    bay: str
    count: int


STOCK = [
    Stock(article="bell, brass", bay="A-04", count=120),
    Stock(article="saddle, leather", bay="B-11", count=17),
]


@router.get("")
async def list_stock(article: str | None = None) -> list[Stock]:
    return [s for s in STOCK if article in (None, s.article)]
