from poetry.plugins import ApplicationPlugin


class AcmePlugin(ApplicationPlugin):
    pass
