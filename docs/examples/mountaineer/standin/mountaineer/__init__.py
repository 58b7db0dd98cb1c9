# SPDX-License-Identifier: MIT
"""A stand-in for the framework Mountaineer, which Debian does not carry: the names a plugin and a host
import, with the least behaviour that lets them run. It serves no page and compiles no view."""
