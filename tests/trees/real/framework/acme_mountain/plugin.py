from pydantic import BaseModel


class BuildConfig(BaseModel):
    custom_builders: list = []


class MountaineerPlugin(BaseModel):
    name: str
    controllers: list = []

    def to_webserver(self):
        return App(plugins=[MountaineerPlugin(name=self.name)])
