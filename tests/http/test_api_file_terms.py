# SPDX-License-Identifier: MIT
"""Wheels of one release that ask for another Python or other packages: resolution, locks, requirements and pages go by
the file that the host gets."""

import pytest

from support.artifacts import sdist, wheel
from support.environments import address, create, ok

LINUX, WINDOWS = "cp311-cp311-linux_x86_64", "cp311-cp311-win_amd64"


def upload(registry, name, tag, version="1.0", make=wheel, group=None, **fields):
    entries = {"entry_points": f"[{group}]\nx = {name}:x\n"} if group else {}
    filename, data = make(name, version, **entries, tag=tag, **fields) if make is wheel else make(name, version, **fields)
    answer = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201, answer.body
    return answer.json


@pytest.fixture
def place(registry):
    """(group, package): 1.0 for any platform; 2.0 needs host 5 on Linux, and Python 3.12 on Windows."""
    group, name = registry.new_name("terms") + ".plugins", registry.new_name("terms")
    upload(registry, name, "py3-none-any", group=group)
    upload(registry, name, LINUX, "2.0", group=group, Requires_Dist=["host>=5"])
    upload(registry, name, WINDOWS, "2.0", group=group, Requires_Python=">=3.12", Requires_Dist=["host>=4"])
    return group, name


def selected(registry, group, query):
    """(version, {version: (code, detail)} of those left out)."""
    answer = registry.resolve(f"group={group}&explain=1&{query}")
    left_out = {one["version"]: (one["code"], one["detail"]) for one in answer["excluded"]}
    return [record["version"] for record in answer["records"]], left_out


def test_the_file_that_fits_the_tags_is_judged(registry, place):
    group, name = place
    for query in (f"tag={LINUX}&have=host==5.1&python=3.11", f"tag={WINDOWS}&have=host==4.2&python=3.12",
                  "have=host==5.1&python=3.11", "have=host==4.2&python=3.13", "have=host==5.1&python=3.13"):
        assert selected(registry, group, query)[0] == ["2.0"], query
    taken, left_out = selected(registry, group, f"tag={LINUX}&tag=py3-none-any&have=host==4.2&python=3.12")
    assert taken == ["1.0"]
    assert left_out["2.0"] == ("requires-host", f"The file {name}-2.0-{LINUX}.whl requires host>=5, but the host has host 4.2")
    taken, left_out = selected(registry, group, f"tag={WINDOWS}&tag=py3-none-any&have=host==5.1&python=3.11")
    assert taken == ["1.0"]
    assert left_out["2.0"] == ("requires-python",
                               f"The file {name}-2.0-{WINDOWS}.whl requires Python >=3.12, but the host has 3.11")
    taken, left_out = selected(registry, group, "tag=py3-none-any&have=host==4.2&python=3.11")
    assert taken == ["1.0"] and left_out["2.0"][0] == "no-compatible-artifact"


def test_the_file_for_the_platform_goes_before_the_one_for_any(registry):
    group, name, other = registry.new_name("terms") + ".plugins", registry.new_name("terms"), registry.new_name("lib")
    registry.publish(other, "1.0", {})
    upload(registry, name, "py3-none-any", group=group)
    upload(registry, name, "py3-none-any", "2.0", group=group, Requires_Dist=[f"{other}>=1"])
    upload(registry, name, LINUX, "2.0", group=group, Requires_Dist=[f"{other}>=9"])
    assert selected(registry, group, "tag=py3-none-any")[0] == ["2.0"]
    taken, left_out = selected(registry, group, f"tag=py3-none-any&tag={LINUX}")
    assert taken == ["1.0"] and left_out["2.0"][0] == "requires-plugin"
    assert f"{other}>=9" in left_out["2.0"][1]


def test_every_answer_names_the_files_own_terms(registry, place):
    group, name = place
    files = {one["filename"]: one for one in registry.get(f"/v1/packages/{name}/releases/2.0").json["artifacts"]}
    assert "requires_dist" not in files[f"{name}-2.0-{LINUX}.whl"]
    assert files[f"{name}-2.0-{WINDOWS}.whl"]["requires_python"] == ">=3.12"
    assert files[f"{name}-2.0-{WINDOWS}.whl"]["requires_dist"] == ["host>=4"]
    page = registry.get(f"/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}).json
    assert {one["filename"]: one.get("requires-python") for one in page["files"]} == {
        f"{name}-1.0-py3-none-any.whl": None, f"{name}-2.0-{LINUX}.whl": None, f"{name}-2.0-{WINDOWS}.whl": ">=3.12"}
    assert 'data-requires-python="&gt;=3.12"' in registry.get(f"/simple/{name}/", headers={"Accept": "text/html"}).body.decode()
    urls = registry.get(f"/pypi/{name}/2.0/json").json["urls"]
    assert {one["filename"]: one["requires_python"] for one in urls} == {
        f"{name}-2.0-{LINUX}.whl": None, f"{name}-2.0-{WINDOWS}.whl": ">=3.12"}
    assert "requires Python &gt;=3.12, host&gt;=4" in registry.get(f"/packages/{name}/releases/2.0/files").body.decode()


def files_of(registry, group, query):
    (one,) = registry.get(f"/v1/requirements?group={group}&format=json&{query}").json["requirements"]
    return one["version"], [file["filename"] for file in one["files"]]


def test_requirements_and_locks_take_the_file_that_fits(registry, place):
    group, name = place
    linux, windows = f"{name}-2.0-{LINUX}.whl", f"{name}-2.0-{WINDOWS}.whl"
    assert files_of(registry, group, "have=host==5.1&python=3.11") == ("2.0", [linux])
    assert files_of(registry, group, "have=host==4.2&python=3.12") == ("2.0", [windows])
    assert files_of(registry, group, "have=host==5.1&python=3.12") == ("2.0", [linux, windows])
    environment = registry.new_name("env")
    create(registry, environment, {"facts": {"python": "3.12", "have": {"host": "4.2"}}, "policy": {"plugins": "listed"},
                                   "plugins": {name: {"enabled": True}}})
    ok(registry.post(address(environment, "/freeze"), {}))
    upload(registry, name, "cp312-cp312-win_amd64", "2.0", group=group, Requires_Dist=["host>=4"])
    exported = ok(registry.get(address(environment, "/export?format=json")))
    assert [(file["filename"]) for release in exported["releases"] for file in release["files"]] == [windows]
    assert exported["releases"][0]["requires_python"] == ">=3.12"


def test_an_sdist_may_not_differ(registry, refused, place):
    _, name = place
    filename, data = sdist(name, "2.0", Requires_Python=">=3.13")
    problem = refused(registry.post(f"/v1/artifacts?filename={filename}", data,
                                    headers={"Content-Type": "application/octet-stream"}), 409, "conflict")
    assert [one["code"] for one in problem["errors"]] == ["release-differs"]


def test_a_file_that_takes_its_terms_back_counts_at_once(registry, place):
    group, name = place
    query = f"tag={LINUX}&tag=py3-none-any&have=host==4.2&python=3.11"
    assert selected(registry, group, query)[0] == ["1.0"]
    upload(registry, name, "py3-none-any", "2.0", group=group)
    assert selected(registry, group, query)[0] == ["2.0"]
    assert files_of(registry, group, query) == ("2.0", [f"{name}-2.0-py3-none-any.whl"])
