__version__ = "0.52b0"
