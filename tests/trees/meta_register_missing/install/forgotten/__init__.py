PLUGIN_META = {"id": "forgotten", "name": "N", "version": "1.0.0"}
