# SPDX-License-Identifier: MIT
"""Stand-in: the application; `register` wires up what a plugin has."""

from fastapi import FastAPI


class AppConfig:
    pass


class AppController:
    def __init__(self, config):
        self.config = config
        self.app = FastAPI()
        self.plugins = []

    def register(self, plugin):
        """Controllers, router and static assets of a plugin, in that order."""
        for controller_class in plugin.controllers:
            controller = controller_class()
            self.app.add_api_route(controller.url, controller.render, methods=["GET"])
        if plugin.router is not None:
            self.app.include_router(plugin.router)
        self.plugins.append(plugin)
