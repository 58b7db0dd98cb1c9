class BasePlugin:
    pass
