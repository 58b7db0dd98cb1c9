import core.base_plugin
from core.base_plugin import BasePlugin


class Helper:
    pass


class WithLogger(BasePlugin):
    def __init__(self, logger):
        self.logger = logger


class CreateUser(WithLogger):
    async def on_boot(self):
        self.http.add_endpoint(path="/users", method="POST", handler=self.execute)
        self.http.add_endpoint(path="/users/{id}", method="PUT", handler=self.execute)


class DeleteUser(Helper, core.base_plugin.BasePlugin):
    def __init__(self, db, http):
        self.db = db


class Imported(SomewhereElse):
    pass


class NotYet(Later):
    pass


class Later(Helper):
    pass
