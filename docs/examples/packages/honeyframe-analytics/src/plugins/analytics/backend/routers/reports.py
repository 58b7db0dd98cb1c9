"""Reports: numbers over time."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(prefix="/api/analytics/reports", tags=["analytics"])


class Point(BaseModel):
    month: str
    orders: int


@router.get("/orders")
async def orders_by_month() -> list[Point]:
    return [Point(month="January", orders=31), Point(month="February", orders=28)]
