"""Customers: list them, look at one, correct an address."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

router = APIRouter(prefix="/api/crm/customers", tags=["crm"])


class Customer(BaseModel):
    id: int
    name: str
    city: str


class Address(BaseModel):
    city: str


CUSTOMERS = {
    1: Customer(id=1, name="North Harbour Cycles", city="Bergen"),
    2: Customer(id=2, name="Old Mill Bakery", city="Leeds"),
}


def find_customer(customer_id: int) -> Customer:
    if customer_id not in CUSTOMERS:
        raise HTTPException(status_code=404, detail=f"no customer {customer_id}")
    return CUSTOMERS[customer_id]


@router.get("")
async def list_customers() -> list[Customer]:
    return list(CUSTOMERS.values())


@router.get("/{customer_id}")
async def show_customer(customer_id: int) -> Customer:
    return find_customer(customer_id)


@router.put("/{customer_id}/address")
async def move_customer(customer_id: int, address: Address) -> Customer:
    moved = find_customer(customer_id).model_copy(update={"city": address.city})
    CUSTOMERS[customer_id] = moved
    return moved
