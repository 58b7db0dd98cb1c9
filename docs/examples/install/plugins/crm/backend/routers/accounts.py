"""Accounts: what a customer has bought, read-only."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(prefix="/api/crm/accounts", tags=["crm"])


class Account(BaseModel):
    customer_id: int
    plan: str
    seats: int


ACCOUNTS = [
    Account(customer_id=1, plan="standard", seats=12),
    Account(customer_id=2, plan="starter", seats=3),
]


@router.get("")
async def list_accounts(customer_id: int | None = None) -> list[Account]:
    return [a for a in ACCOUNTS if customer_id in (None, a.customer_id)]
