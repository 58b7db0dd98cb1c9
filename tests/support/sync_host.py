# SPDX-License-Identifier: MIT
"""A host that `registryctl sync` serves: an environment of its own in the registry, and a directory."""

from support.registryctl import registryctl

GROUP = "honeyframe.plugins"
MARKER = ".registryd-sync.json"


class SyncHost:
    """The settings of its administrator (`admin`) and of its own (`settings`)."""

    def __init__(self, daemon, folder, name):
        self.daemon, self.name, self.into = daemon, name, folder / "plugins"
        self.admin = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.admin_token}
        self.settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token,
                         "REGISTRYD_ENVIRONMENT": name}
        assert registryctl("environment", "create", name, **self.admin).code == 0
        document = {"policy": {"plugins": "listed"}}
        daemon.put(f"/v1/environments/{name}", document, token=daemon.admin_token)

    def publish(self, *paths, enable=True):
        done = registryctl("publish", "--format", "json", *paths, **self.settings)
        assert done.code == 0, done.out + done.err
        for outcome in done.json if enable else ():
            self.change("enable", outcome["package"])

    def change(self, action, package):
        assert registryctl("environment", action, self.name, package, **self.admin).code == 0

    def sync(self, *arguments, group=GROUP, code=0):
        done = registryctl("sync", group, "--into", self.into, "--format", "json", *arguments, **self.settings)
        assert done.code == code, done.out + done.err
        return done.json if code < 2 and done.out else done.err

    def holds(self):
        """{path: bytes} of the files, without the marker."""
        return {str(path.relative_to(self.into)): path.read_bytes() for path in self.into.rglob("*")
                if path.is_file() and path.name != MARKER}


def plugin(root, name, version="1.0", **files):
    folder = root / "source" / version / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(f"name: {name}\nversion: '{version}'\ndbt_workspace: dbt/\n"
                                        "frontend_entry: frontend/index.tsx\n")
    for path in ("dbt/dbt_project.yml", "frontend/index.tsx", "router.py"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(f"# {path} {version}\n")
    return folder
