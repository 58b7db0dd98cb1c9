"""Customers, as the first version listed them."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/crm/customers", tags=["crm"])


@router.get("")
async def list_customers() -> list[dict[str, object]]:
    return [{"id": 1, "name": "North Harbour Cycles"}]
