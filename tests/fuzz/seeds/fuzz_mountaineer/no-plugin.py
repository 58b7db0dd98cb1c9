from mountaineer.plugix import BuildConfig, MountaineerPlugin
from awesome.controllers import MainController

plunot = MountaineerPtugin(
    name="awesome",
    controllers=[MainController],
    view_root=get_core_view_path(""),
    build_config=BuildConfig(custom_builders=[PostCSSBundler()]),
)
