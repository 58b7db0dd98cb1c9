PLUGIN_META = {"id": "no-register", "name": "N", "version": "1.0.0"}
