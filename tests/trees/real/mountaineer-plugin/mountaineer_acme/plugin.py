from mountaineer.client_compiler.postcss import PostCSSBundler
from mountaineer.plugin import BuildConfig, MountaineerPlugin

from mountaineer_acme.controllers.login import LoginController
from mountaineer_acme.views import get_core_view_path

NAME = "mountaineer-acme"


def create_plugin(*controllers) -> MountaineerPlugin:
    """A plugin with the controllers given, or those of the package."""
    return MountaineerPlugin(
        name=NAME,
        controllers=list(controllers or (LoginController,)),
        view_root=get_core_view_path(""),
        build_config=BuildConfig(custom_builders=[PostCSSBundler()]),
    )


plugin = create_plugin()
