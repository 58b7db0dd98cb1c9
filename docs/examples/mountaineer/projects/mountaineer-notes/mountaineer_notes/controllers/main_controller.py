"""The page with all notes."""

from mountaineer.controller import ControllerBase

NOTES = ["Water the plants"]


class NotesController(ControllerBase):
    url = "/notes"

    def render(self) -> dict[str, list[str]]:
        return {"notes": NOTES}
