# SPDX-License-Identifier: MIT
"""`registryctl pack` and `registryctl sync` of 1,000 plugins, beside what the files themselves cost: the same trees
packed by Python's zipfile, and copied by `cp -r`."""

import tempfile
import zipfile
from pathlib import Path

from tools import BUILD_DIR, daemon, median, milliseconds, output_of

from walk_rates import YAML  # isort: skip

PROGRAM = BUILD_DIR / "bin/registryctl"
GROUP = "honeyframe.plugins"
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n" + "\n\n@router.get('/{0}')\ndef answer{0}():\n    return {0}\n" * 20


def write_plugins(root, count):
    """Plugins of eight files each, about 20 KB."""
    for number in range(count):
        name = f"bench_plugin_{number:04}"
        folder = root / name
        for inner in ("backend/routers", "frontend/src", "dbt/models"):
            (folder / inner).mkdir(parents=True)
        (folder / "plugin.yaml").write_text(YAML.format(name=name, number=number))
        (folder / "README.md").write_text(f"# {name}\n")
        for part in ("main", "more", "admin"):
            (folder / f"backend/routers/{part}.py").write_text(ROUTER.format(number))
        (folder / "frontend/src/index.tsx").write_text(f"export const plugin = '{name}'\n" * 40)
        (folder / "dbt/dbt_project.yml").write_text(f"name: {name}\n")
        (folder / "dbt/models/model.sql").write_text("select 1\n" * 50)


def zip_all(root, into):
    """The same bytes into archives, without metadata, hashes or checks."""
    for folder in root.iterdir():
        with zipfile.ZipFile(into / f"{folder.name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in folder.rglob("*"):
                archive.write(path, path.relative_to(root))


def measure_pack(root, scratch, rounds):
    """{"pack": ms, "zipfile": ms}, in turns."""
    ours, theirs = [], []
    for turn in range(rounds):
        ours.append(milliseconds(PROGRAM, "pack", "--all", "--format", "json", "--output", scratch / f"wheels{turn}", root))
        target = scratch / f"zips{turn}"
        target.mkdir()
        script = f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}]; from sync_rates import zip_all, Path; zip_all(Path({str(root)!r}), Path({str(target)!r}))"
        theirs.append(milliseconds("/usr/bin/python3", "-c", script))
    return {"pack": median(ours), "zipfile": median(theirs)}


def measure_sync(running, root, scratch, rounds):
    """{what: ms}: into an empty directory with wheels to fetch, nothing new, one new plugin, and back."""
    options = ["--url", running.url, "--format", "json"]

    def publish(*paths):
        output_of(PROGRAM, "publish", *options, "--token", running.publisher_token, *paths)

    def sync(into, *more):
        return milliseconds(PROGRAM, "sync", *options, "--into", into, *(more or [GROUP]))

    publish("--all", root)
    times = {key: [] for key in ("first", "again", "one", "back", "cp")}
    for turn in range(rounds):
        into = scratch / f"turn{turn}" / "plugins"
        into.parent.mkdir()
        times["first"].append(sync(into))
        times["again"].append(sync(into))
        changed = root / "bench_plugin_0000"
        (changed / "plugin.yaml").write_text(YAML.format(name=changed.name, number=10_000 + turn))
        publish(changed)
        times["one"].append(sync(into))
        times["back"].append(sync(into, "--rollback"))
        times["cp"].append(milliseconds("sh", "-c", f"cp -r {into} {into}.copy && sync -f {into}.copy"))
    return {key: median(values) for key, values in times.items()}


def measure(count=1000, rounds=3):
    with tempfile.TemporaryDirectory() as folder, daemon() as running:
        root, scratch = Path(folder) / "plugins", Path(folder) / "scratch"
        root.mkdir()
        scratch.mkdir()
        write_plugins(root, count)
        return measure_pack(root, scratch, rounds) | measure_sync(running, root, scratch, rounds)


if __name__ == "__main__":
    print(measure())
