import sys

if sys.version_info < (3, 12):
    PLUGIN_META = {"id": "late", "name": "Old", "version": "1.0"}
else:
    PLUGIN_META = {"id": "late", "name": "New", "version": "1.1"}

register = print
