"""Broken on purpose: a required key is missing."""

PLUGIN_META = {"id": "no-version", "name": "Without a version"}


def register(ctx) -> None:
    ctx.add_admin_page(nav_id="no-version", label="Never seen", icon="fa-ban", url="/admin/plugins/no-version")
