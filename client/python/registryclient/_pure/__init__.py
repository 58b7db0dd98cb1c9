# SPDX-License-Identifier: MIT
"""The engine in Python: what the extension modules `_native` and `_library` do, with the standard library alone.

`lookup` is the twin of `_native` and `calls` that of `_library`: the same functions, arguments, results and
exceptions. The package imports neither; it imports the seam (`_engine`, `_engine_calls`), which chooses one.
"""
