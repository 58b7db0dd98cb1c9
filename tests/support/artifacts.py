# SPDX-License-Identifier: MIT
"""Wheels and sdists made on the spot, as small as they can be, and forms to send them in."""

import base64
import gzip
import hashlib
import io
import itertools
import tarfile
import zipfile

WHEEL = "Wheel-Version: 1.0\nGenerator: {}\nRoot-Is-Purelib: true\n"


def metadata(name, version, **fields):
    """METADATA or PKG-INFO; a list gives a field several times, `body` stands below."""
    body = fields.pop("body", None)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    for key, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            lines.append(f"{key.replace('_', '-')}: {value}")
    return "\n".join(lines) + "\n" + (f"\n{body}" if body else "")


def record_line(path, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


def expand(tag):
    """The single tags of a compressed one."""
    return ["-".join(parts) for parts in itertools.product(*(part.split(".") for part in tag.split("-")))]


def modules(entry_points):
    """The modules that an entry_points.txt names, with their attributes: {path: bytes}."""
    found = {}
    for line in entry_points.splitlines():
        value = line.partition("=")[2].split("[")[0].strip()
        module, _, attribute = value.partition(":")
        if value:
            line = f"{attribute.split('.')[0]} = 1\n" if attribute else ""
            path = module.strip().replace(".", "/") + ".py"
            found[path] = found.get(path, b"") + line.encode()
    return found


def wheel(name, version, entry_points="", tag="py3-none-any", files=None, generator="tests", **fields):
    """(file name, bytes) of a wheel; `files`: {path: bytes} besides its dist-info, else the modules that its entry
    points name."""
    stem = f"{name.replace('-', '_')}-{version}"
    members = dict(files if files is not None else {f"{name.replace('-', '_')}.py": b"x = 1\n", **modules(entry_points)})
    members[f"{stem}.dist-info/METADATA"] = metadata(name, version, **fields).encode()
    members[f"{stem}.dist-info/WHEEL"] = (
        WHEEL.format(generator) + "".join(f"Tag: {one}\n" for one in expand(tag))).encode()
    if entry_points:
        members[f"{stem}.dist-info/entry_points.txt"] = entry_points.encode()
    record = "".join(record_line(path, data) for path, data in members.items())
    members[f"{stem}.dist-info/RECORD"] = (record + f"{stem}.dist-info/RECORD,,\n").encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            info = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return f"{stem}-{tag}.whl", made.getvalue()


def sdist(name, version, files=None, **fields):
    """(file name, bytes) of a source distribution."""
    top = f"{name.replace('-', '_')}-{version}"
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in {"PKG-INFO": metadata(name, version, **fields).encode(),
                           **(files or {})}.items():
            info = tarfile.TarInfo(f"{top}/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return f"{top}.tar.gz", gzip.compress(made.getvalue(), mtime=0)


def form(filename, data, boundary="----boundary1234", field="content"):
    """(Content-Type, body) of a form with this one file, as a package tool sends it."""
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; '
            f'filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    return (f"multipart/form-data; boundary={boundary}",
            head.encode() + data + f"\r\n--{boundary}--\r\n".encode())
