# SPDX-License-Identifier: MIT
"""Folders of installed distributions, made on the spot, as pip leaves them.

    site = Site(tmp_path / "site")
    site.add("demo-one", "1.0", {"demo.plugins": {"one": "demo_one:Plugin"}}, {"demo_one.py": "class Plugin: ..."})
"""

from support.artifacts import metadata, record_line


def entry_points_text(groups):
    """entry_points.txt of {group: {name: value}}."""
    parts = []
    for group, entries in groups.items():
        parts.append(f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items()))
    return "\n".join(parts)


class Site:
    """A folder for sys.path."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name, version, groups, files=None):
        """Installs a distribution; the path of its dist-info."""
        stem = f"{name.replace('-', '_')}-{version}.dist-info"
        members = {path: text.encode() for path, text in (files or {}).items()}
        members[f"{stem}/METADATA"] = metadata(name, version).encode()
        members[f"{stem}/INSTALLER"] = b"tests\n"
        if groups:
            members[f"{stem}/entry_points.txt"] = entry_points_text(groups).encode()
        record = "".join(record_line(path, data) for path, data in members.items())
        members[f"{stem}/RECORD"] = (record + f"{stem}/RECORD,,\n").encode()
        for path, data in members.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return self.folder / stem
