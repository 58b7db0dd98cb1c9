"""Invoices: list what is open, approve one."""

from decimal import Decimal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

router = APIRouter(prefix="/api/finance/invoices", tags=["finance"])


class Invoice(BaseModel):
    number: str
    amount: Decimal
    approved: bool = False


INVOICES = {
    "2031": Invoice(number="2031", amount=Decimal("412.50")),
    "2032": Invoice(number="2032", amount=Decimal("98.00"), approved=True),
}


@router.get("")
async def list_invoices(only_open: bool = False) -> list[Invoice]:
    return [i for i in INVOICES.values() if not (only_open and i.approved)]


@router.post("/{number}/approve")
async def approve_invoice(number: str) -> Invoice:
    if number not in INVOICES:
        raise HTTPException(status_code=404, detail=f"no invoice {number}")
    INVOICES[number].approved = True
    return INVOICES[number]
