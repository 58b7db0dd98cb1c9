"""Notes: one page, and a route that says that it runs."""

from fastapi import APIRouter
from mountaineer.plugin import MountaineerPlugin

from mountaineer_notes.controllers.main_controller import NotesController

router = APIRouter()


@router.get("/notes/api/health")
def healthcheck():
    return {"status": "ok"}


plugin = MountaineerPlugin(name="notes", controllers=[NotesController], router=router)
