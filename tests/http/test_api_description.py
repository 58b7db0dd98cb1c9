# SPDX-License-Identifier: MIT
"""/openapi.yaml and /openapi.json: the description that docs/ holds, for anybody, kept by its tag."""
import json

import pytest
import yaml

from support.daemon import SOURCE_DIR


@pytest.mark.parametrize("name, media", [("openapi.yaml", "application/yaml"), ("openapi.json", "application/json")])
def test_a_daemon_serves_its_description(registry, name, media):
    answer = registry.request("GET", f"/{name}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, media)
    assert answer.body == (SOURCE_DIR / "docs" / name).read_bytes()
    assert registry.request("GET", f"/{name}", headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    assert registry.request("GET", f"/{name}?x=1").status == 400


def test_both_are_the_same_document(registry):
    link = json.loads(registry.request("GET", "/v1").body)["links"]["openapi"]
    assert json.loads(registry.request("GET", link).body) == yaml.safe_load(registry.request("GET", "/openapi.yaml").body)
