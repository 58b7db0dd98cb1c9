# SPDX-License-Identifier: MIT
"""Reports and the transition over HTTP: what is taken and kept, what is refused and where the fault is,
pages, entity tags, and that nobody else notices a report."""
import copy
import json

import pytest

from support.registry import validator

REPORT, TRANSITION, PARITY = validator("Host report"), validator("Transition"), validator("Parity report")
LISTS = ("only_walk", "only_registry", "value", "version", "manifest", "unknown_version", "shadowed", "invalid",
         "withheld")
MIB = 1024 * 1024


def record(group, name, **more):
    return {"group": group, "name": name, "value": "m:a", "package": name, "version": "1.0",
            "source": "walk", "label": None, "origin": f"/plugins/{name}", "manifest": {"name": name},
            "warnings": [], "errors": [], "shadowed_by": None, **more}


def pair(group, name):
    return {"group": group, "name": name, "walk": record(group, name),
            "registry": record(group, name, source="registry", value="m:b")}


def parity(group, equal=True, **lists):
    return {"group": group, "equal": equal, "same": 3, **{key: [] for key in LISTS}, **lists}


def report(*reports, host="web-1", **more):
    return {"host": host, "reports": list(reports), **more}


def send(registry, document, **options):
    return registry.post("/v1/reports", document, token=registry.admin_token, **options)


def accept(registry, document):
    REPORT.validate(document)
    answer = send(registry, document)
    assert answer.status == 201, answer.body
    return answer.json


def transition(registry, query):
    answer = registry.get(f"/v1/transition?{query}")
    assert answer.status == 200, answer.body
    TRANSITION.validate(answer.json)
    return answer.json["groups"]


def host_of(registry, group, host="web-1"):
    ((found,),) = [group["hosts"] for group in transition(registry, f"group={group}&host={host}")]
    return found


@pytest.fixture
def group(registry):
    return registry.new_name("moving.group")


def test_what_is_reported_is_told(registry, group):
    sent = parity(group, False, only_walk=[record(group, "crm"), record(group, "shop")],
                  only_registry=[record(group, "old")], value=[pair(group, "v")],
                  version=[pair(group, "w")], shadowed=[record(group, "copy")],
                  invalid=[record(group, "bad", value=None)], withheld=[record(group, "off")])
    PARITY.validate(sent)
    other = registry.new_name("moving.group")
    answer = accept(registry, report(sent, parity(other), convention="plugin-yaml", mode="compare",
                                     environment="default",
                                     roots=[{"label": "install", "path": "/opt/p"}, {"path": "/srv"}]))
    assert set(answer) == {"host", "environment", "groups", "warnings"} and not answer["warnings"]
    assert [item["group"] for item in answer["groups"]] == sorted([group, other])
    told = host_of(registry, group)
    assert {key: told[key] for key in LISTS} == dict(zip(LISTS, (2, 1, 1, 1, 0, 0, 1, 1, 1)))
    assert (told["same"], told["differences"], told["equal"], told["equal_since"]) == (3, 5, False, None)
    assert told["names"] == {"only_walk": ["crm", "shop"], "only_registry": ["old"], "value": ["v"],
                             "version": ["w"], "manifest": [], "unknown_version": [], "shadowed": ["copy"], "invalid": ["bad"],
                             "withheld": ["off"]}
    assert (told["convention"], told["mode"], told["environment"]) == ("plugin-yaml", "compare", "default")
    assert told["roots"] == [{"label": "install", "path": "/opt/p"}, {"label": None, "path": "/srv"}]
    assert (told["reported_by"], told["reports"]) == ("admin:admin", 1)
    ((kept, origin),) = registry.sql("SELECT report, origin FROM parity_reports "
                                     f"WHERE group_name = '{group}'")
    kept = json.loads(kept)
    assert kept.pop("counts") == dict(zip(LISTS, (2, 1, 1, 1, 0, 0, 1, 1, 1)))
    assert kept == sent
    assert json.loads(origin)["mode"] == "compare"


def backdate(registry, group, host, hours):
    """As if the first of the host's equal reports had come so long ago."""
    registry.sql(f"UPDATE report_states SET equal_since = now() - interval '{hours} hours' "
                 f"WHERE group_name = '{group}' AND host = '{host}'")


def test_a_switch_is_safe_when_reports_agree_for_long_enough(registry, group):
    """Two equal reports a day apart, or as far as the host asks for; of every host, and about something."""
    accept(registry, report(parity(group)))
    (whole,) = transition(registry, f"group={group}")
    (host,) = whole["hosts"]
    assert (whole["equal"], whole["safe"], whole["hosts_safe"], host["safe"], host["for_seconds"]) == (True, False, 0, False, 86400)
    assert whole["safe_after"] > whole["equal_since"]
    backdate(registry, group, "web-1", 25)
    accept(registry, report(parity(group)))
    (whole,) = transition(registry, f"group={group}")
    assert (whole["safe"], whole["hosts_safe"], whole["hosts"][0]["safe"]) == (True, 1, True)
    accept(registry, report(parity(group), host="web-2", for_seconds=7 * 86400))
    backdate(registry, group, "web-2", 100)
    accept(registry, report(parity(group), host="web-2", for_seconds=7 * 86400))
    (whole,) = transition(registry, f"group={group}")
    assert (whole["equal"], whole["safe"], whole["hosts_safe"]) == (True, False, 1)
    accept(registry, report(parity(group), host="web-2", for_seconds=4 * 86400))
    assert transition(registry, f"group={group}")[0]["safe"]
    accept(registry, report(parity(group, False, only_walk=[record(group, "x")]), host="web-2"))
    (whole,) = transition(registry, f"group={group}")
    assert (whole["safe"], whole["safe_after"]) == (False, None)  # a registry that lost an entry point


def test_a_group_without_entry_points_is_never_safe(registry, group):
    nothing = {**parity(group), "same": 0}
    accept(registry, report(nothing, allow_empty=True))
    backdate(registry, group, "web-1", 1000)
    accept(registry, report(nothing, allow_empty=True))
    (whole,) = transition(registry, f"group={group}")
    assert (whole["equal"], whole["safe"]) == (False, False)


def empty(group):
    return {**parity(group, False), "same": 0}


def test_an_empty_report_is_refused_and_the_nearest_group_is_named(registry, refused, group):
    """Mostly the name is misspelt, and the report would stay as that of a group which is never safe."""
    known = registry.new_name("near.plugins")
    registry.put(f"/v1/groups/{known}", {"description": "known"}, token=registry.admin_token)
    for more in ({}, {"allow_empty": False}, {"allow_empty": None}):
        (error,) = refused(send(registry, report(parity(group), empty(known + "s"), **more)), 422, "invalid")["errors"]
        assert (error["code"], error["where"]) == ("report-empty", "/reports/1")
        assert known + "s" in error["message"] and error["hint"].startswith(f'Did you mean "{known}"?') and "allow_empty" in error["hint"]
    assert not transition(registry, f"group={group}"), "of two reports none is kept"
    (error,) = refused(send(registry, report(empty("qqq.unlike.any"))), 422, "invalid")["errors"]
    assert error["hint"].startswith("Correct the name")
    accept(registry, report(empty(group), allow_empty=True))


@pytest.mark.parametrize("found", [name for name in LISTS])
def test_what_is_in_any_list_is_not_empty(registry, group, found):
    entry = pair(group, "x") if found in ("value", "version", "manifest", "unknown_version") else record(group, "x")
    accept(registry, report({**empty(group), found: [entry]}))
    accept(registry, report({**empty(group), "counts": {found: 3}}))


@pytest.mark.parametrize("value", ["yes", 1, []])
def test_allow_empty_is_true_or_false(registry, group, refused, value):
    refused(send(registry, report(empty(group), allow_empty=value)), 422, "invalid")


@pytest.mark.parametrize("value", [0, -1, 10**12, "1d"])
def test_how_long_is_a_number_of_seconds(registry, group, refused, value):
    refused(send(registry, report(parity(group), for_seconds=value)), 422, "invalid")


def test_equal_without_interruption(registry, group):
    accept(registry, report(parity(group, False, only_walk=[record(group, "x")])))
    since = accept(registry, report(parity(group, shadowed=[record(group, "s")])))["groups"][0]
    again = accept(registry, report(parity(group)))["groups"][0]
    assert since["equal"] and since["equal_since"] == again["equal_since"] and again["reports"] == 3
    accept(registry, report(parity(group), host="web-2"))
    (whole,) = transition(registry, f"group={group}")
    assert (whole["equal"], whole["hosts_total"], whole["hosts_equal"]) == (True, 2, 2)
    assert whole["equal_since"] == max(host["equal_since"] for host in whole["hosts"])
    accept(registry, report(parity(group, False, only_registry=[record(group, "x")]), host="web-2"))
    (whole,) = transition(registry, f"group={group}&host=web-1")
    assert (whole["equal"], whole["equal_since"], whole["hosts_equal"]) == (False, None, 1)
    assert [host["host"] for host in whole["hosts"]] == ["web-1"]


def test_long_lists_are_cut_and_counted(registry, group):
    names = [f"p{number:03}" for number in range(250)]
    accept(registry, report(parity(group, False, only_walk=[record(group, name) for name in names])))
    told = host_of(registry, group)
    assert (told["only_walk"], told["differences"]) == (250, 250)
    assert told["names"]["only_walk"] == names[:20]
    kept = "SELECT jsonb_array_length(report::jsonb->'only_walk') FROM parity_reports " \
           f"WHERE group_name = '{group}'"
    assert registry.sql(kept) == [["100"]]
    # Cut by the host already: its counts are taken.
    accept(registry, report(parity(group, False, only_walk=[record(group, "p000")],
                                   counts={"only_walk": 5000, "shadowed": 7})))
    told = host_of(registry, group)
    assert (told["only_walk"], told["shadowed"], told["differences"]) == (5000, 7, 5000)


def test_a_host_reports_for_each_environment_apart(registry, group):
    assert registry.put("/v1/environments/shop", {}).status in (200, 201)
    accept(registry, report(parity(group)))
    answer = accept(registry, report(parity(group, False, only_walk=[record(group, "x")]), environment="shop"))
    assert answer["environment"] == "shop"
    hosts = transition(registry, f"group={group}")[0]["hosts"]
    assert [(host["environment"], host["equal"]) for host in hosts] == [("default", True), ("shop", False)]


def test_what_is_not_known_is_a_warning(registry, group):
    sent = report({**parity(group), "speed": 3}, colour="red", roots=[{"path": "/p", "size": 1}])
    warnings = accept(registry, sent)["warnings"]
    assert sorted((item["code"], item["where"]) for item in warnings) == [
        ("unknown-key", "/colour"), ("unknown-key", "/reports/0/speed"), ("unknown-key", "/roots/0/size")]


G = "bad.group"
FULL = report(parity(G, False, only_walk=[record(G, "x")], value=[pair(G, "v")], counts={"only_walk": 1}),
              environment="default", convention="c", mode="walk", roots=[{"label": "l", "path": "p"}])


def changed(place, value):
    """FULL with another value at a JSON pointer; a list of one value removes what is there."""
    document = copy.deepcopy(FULL)
    *path, last = [int(part) if part.isdigit() else part for part in place.split("/")[1:]]
    holder = document
    for part in path:
        holder = holder[part]
    if value == ["remove"]:
        del holder[last]
    else:
        holder[last] = value
    return document


REFUSED = [
    ("/host", ["remove"], "key-missing"), ("/host", None, "key-missing"), ("/host", 7, "wrong-type"),
    ("/host", "", "text-empty"), ("/host", "h" * 101, "text-too-long"),
    ("/host", "a\nb", "control-character"), ("/environment", "live", "environment-unknown"),
    ("/environment", [], "wrong-type"), ("/convention", "c" * 101, "text-too-long"),
    ("/mode", "fast", "mode-unknown"), ("/roots", "r", "wrong-type"), ("/roots/0", "p", "wrong-type"),
    ("/roots", [{}] * 101, "too-many-items"), ("/roots/0/label", 1, "wrong-type"),
    ("/roots/0/path", "p" * 4097, "text-too-long"), ("/reports", ["remove"], "key-missing"),
    ("/reports", {}, "wrong-type"), ("/reports", [], "key-missing"), ("/reports/0", 1, "wrong-type"),
    ("/reports", [parity(f"g{n}") for n in range(101)], "too-many-items"),
    ("/reports/0/group", ["remove"], "key-missing"),
    ("/reports/0/group", "no group", "entry-point-group-invalid"),
    ("/reports/0/equal", "yes", "wrong-type"), ("/reports/0/equal", ["remove"], "key-missing"),
    ("/reports/0/equal", True, "report-contradiction"), ("/reports/0/same", -1, "report-contradiction"),
    ("/reports/0/same", 1.5, "wrong-type"), ("/reports/0/invalid", ["remove"], "key-missing"),
    ("/reports/0/only_walk", {}, "wrong-type"), ("/reports/0/only_walk/0", "x", "wrong-type"),
    ("/reports/0/only_walk/0/name", ["remove"], "key-missing"),
    ("/reports/0/only_walk/0/name", "", "text-empty"),
    ("/reports/0/only_walk/0/name", "n" * 1001, "text-too-long"),
    ("/reports/0/only_walk/0/group", "other", "report-group-mismatch"),
    ("/reports/0/value/0/walk", ["remove"], "key-missing"),
    ("/reports/0/value/0/registry", "r", "wrong-type"), ("/reports/0/counts", 3, "wrong-type"),
    ("/reports/0/counts/only_walk", 0, "report-contradiction"),
    ("/reports/0/counts/only_walk", "many", "wrong-type"),
    ("/reports", FULL["reports"] * 2, "report-duplicate"),
]
BEYOND_THE_SCHEMA = {"environment-unknown", "report-contradiction", "report-group-mismatch", "report-duplicate",
                     "entry-point-group-invalid"}


@pytest.mark.parametrize("place, value, code", REFUSED,
                         ids=[f"{place} {code}" for place, _, code in REFUSED])
def test_what_is_refused(registry, refused, place, value, code):
    document = changed(place, value)
    assert code in BEYOND_THE_SCHEMA or not REPORT.is_valid(document)
    problem = refused(send(registry, document), 422, "invalid")
    found = {(error["code"], error["where"]) for error in problem["errors"]}
    where = place + "/1" if code == "report-duplicate" else place
    group_changed = place == "/reports/0/group"  # then the entries do not belong to it either
    assert (code, where) in found and (len(found) == 1 or group_changed), found
    assert transition(registry, f"group={G}") == []


def test_bodies_that_cannot_be_read(registry, refused):
    raw = {"Content-Type": "application/json"}
    for body in (b"", b"{", b'{"host":"a","host":"b"}', b'{"host":"\xff"}', b'{"host":"\\u0000"}',
                 b"[" * 40 + b"]" * 40):
        refused(registry.post("/v1/reports", body, token=registry.admin_token, headers=raw), 400,
                "malformed")
    refused(registry.post("/v1/reports", b"[]", token=registry.admin_token, headers=raw), 422, "invalid")
    refused(registry.post("/v1/reports", b"{}", token=registry.admin_token,
                          headers={"Content-Type": "text/csv"}), 415, "unsupported-media")


def test_who_may_report(registry, refused, group):
    refused(registry.post("/v1/reports", report(parity(group)), token=None), 401, "unauthorized")
    refused(registry.post("/v1/reports", report(parity(group)), token="plga_wrong"), 401, "unauthorized")
    assert transition(registry, f"group={group}") == []


def test_a_report_of_eight_mebibytes(registry, refused, group):
    blank = report(parity(group))
    blank["convention"] = ""
    text = json.dumps(blank)
    body = text + " " * (8 * MIB - len(text))
    raw = {"Content-Type": "application/json"}
    assert registry.post("/v1/reports", body.encode(), token=registry.admin_token,
                         headers=raw).status == 201
    refused(registry.post("/v1/reports", (body + " ").encode(), token=registry.admin_token,
                          headers=raw), 413, "too-large")


def test_pages_of_hosts(registry, group):
    hosts = [f"h\u00e4st {number}" for number in range(7)]
    for host in hosts:
        accept(registry, report(parity(group), host=host))
    seen, cursor, sizes = [], "", []
    while cursor is not None:
        answer = registry.get(f"/v1/transition?group={group}&limit=3" + (f"&cursor={cursor}" if cursor else ""))
        (part,) = answer.json["groups"]
        assert (part["hosts_total"], part["equal"]) == (7, True)
        seen += [host["host"] for host in part["hosts"]]
        sizes.append(len(part["hosts"]))
        cursor = answer.json["next"]
    assert (seen, sizes) == (hosts, [3, 3, 1])


def test_questions_that_are_refused(registry, refused):
    for query, status, code in (("group=no%20group", 422, "invalid"), ("pages=1", 400, "usage"),
                                ("host=a&host=b", 400, "usage"), ("cursor=%21", 400, "usage"),
                                ("&".join(f"group=g{n}" for n in range(101)), 400, "usage")):
        refused(registry.get(f"/v1/transition?{query}"), status, code)
    assert registry.get("/v1/transition?group=nobody.reports").json == {"groups": [], "next": None}


def test_nobody_else_notices(registry, group):
    registry.publish(registry.new_name(), "1.0", {group: {"x": "m:a"}})
    resolved = registry.get(f"/v1/resolve?group={group}")
    serial = registry.get("/v1").json["serial"]
    told = registry.get(f"/v1/transition?group={group}")
    same = registry.get(f"/v1/transition?group={group}", headers={"If-None-Match": told.headers["ETag"]})
    assert same.status == 304
    accept(registry, report(parity(group, False, only_walk=[record(group, "y")])))
    answer = registry.get(f"/v1/changes?since={serial}")
    assert (answer.json["changes"], answer.json["serial"]) == ([], serial)
    again = registry.get(f"/v1/resolve?group={group}")
    assert again.headers["ETag"] == resolved.headers["ETag"]
    assert again.headers["X-Registry-Serial"] == resolved.headers["X-Registry-Serial"]
    new = registry.get(f"/v1/transition?group={group}", headers={"If-None-Match": told.headers["ETag"]})
    assert new.status == 200 and new.headers["ETag"] != told.headers["ETag"]
