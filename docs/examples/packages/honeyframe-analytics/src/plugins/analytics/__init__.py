"""The analytics plugin as a package: `manifest` is what its entry point names."""

from importlib.resources import files

import yaml

manifest = yaml.safe_load(files(__name__).joinpath("plugin.yaml").read_text(encoding="utf-8"))
