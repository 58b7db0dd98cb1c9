"""How many posts there are since the start."""

from fastapi import APIRouter

from .hooks import COUNTS

router = APIRouter()


@router.get("/posts")
async def count_posts():
    return COUNTS
