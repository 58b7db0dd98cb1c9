from .hooks import register

PLUGIN_META: dict = {"id": "blog", "name": "Blog", "version": "2.0", "tags": ["a", "b"], "order": -1}
