# SPDX-License-Identifier: MIT
"""Tokens for tests: made through the API, by the administrator.

    token = make_token(daemon, "crm", ["publish:new", "publish:update"], grant=True)
"""

import itertools

_numbers = itertools.count(1)


def make_token(daemon, team, scopes=(), *, kind="user", prefix=None, days=None, grant=False,
               whole=False):
    """The text of a new token; with `whole` the answer's document."""
    body = {"name": f"t{next(_numbers)}", "team": team, "kind": kind, "scopes": list(scopes),
            "prefix": prefix, "days": days, "grant": grant}
    answer = daemon.post("/v1/tokens", body, token=daemon.admin_token)
    assert answer.status == 201, answer.body
    return answer.json if whole else answer.json["token"]


def grant(daemon, team, scope, object="*"):
    answer = daemon.put(f"/v1/grants/{team}/{scope}/{object}", None, token=daemon.admin_token)
    assert answer.status == 200, answer.body
    return answer.json


def ungrant(daemon, team, scope, object="*"):
    answer = daemon.request("DELETE", f"/v1/grants/{team}/{scope}/{object}", token=daemon.admin_token)
    assert answer.status == 200, answer.body
    return answer.json


def publish(daemon, token, name, version="1.0", groups=None):
    """The answer to publishing a small release with this token."""
    return daemon.put(f"/v1/packages/{name}/releases/{version}",
                      {"name": name, "version": version, "entry_points": groups or {}}, token=token)
