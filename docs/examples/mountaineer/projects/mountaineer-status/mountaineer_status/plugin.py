"""Status: a plugin that is a router only. Its pyproject.toml declares the entry point already."""

from fastapi import APIRouter
from mountaineer.plugin import MountaineerPlugin

router = APIRouter()


@router.get("/status")
def status():
    return {"status": "ok"}


plugin = MountaineerPlugin(name="status", router=router)
