"""The smallest plugin there is: one route that answers."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/_demo", tags=["demo"])


@router.get("/ping")
async def ping() -> dict[str, str]:
    return {"plugin": "_demo", "answer": "pong"}
