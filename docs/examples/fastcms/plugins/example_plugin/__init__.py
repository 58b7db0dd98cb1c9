"""A plugin with routes, an event hook and an admin page, each in its place."""

from .hooks import count_post
from .routes import router

PLUGIN_META = {"id": "example-plugin", "name": "Example", "version": "2.1.0", "author": "The examples"}


def register(ctx) -> None:
    ctx.include_router(router, prefix="/example-plugin")
    ctx.on_record_create("posts", count_post)
    ctx.add_admin_page(nav_id="example-plugin", label="Example", icon="fa-star", url="/admin/plugins/example-plugin")
