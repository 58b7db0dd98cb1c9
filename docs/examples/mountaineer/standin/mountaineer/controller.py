# SPDX-License-Identifier: MIT
"""Stand-in: a controller is a class with `url` and `render`."""


class ControllerBase:
    url = "/"

    def render(self):
        raise NotImplementedError
