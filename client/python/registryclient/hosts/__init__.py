# SPDX-License-Identifier: MIT
"""Adapters for hosts: each gives a host's own loop the plugins it would have found by walking.

One module per host, at most sixty lines each, meant to be read and copied. None is imported by
`import registryclient`, and none imports the host. docs/MIGRATING.md has a section for each."""
