# SPDX-License-Identifier: MIT
"""A person with a browser, as far as the pages notice: a cookie, and forms that carry the token of their page.

    admin = Visitor(daemon, daemon.admin_token)
    admin.act("/packages/crm/status", status="deprecated", reason="Old")
"""
import http.client
import re
from urllib.parse import urlencode


class Visitor:
    """A browser's cookie jar and nothing else."""

    def __init__(self, registry, token=None):
        self.registry, self.cookie = registry, None
        if token:
            answer = self.send("/sign-in", token=token)
            assert answer.status == 303 and answer.headers["Location"] == "/", answer.body
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
            assert token not in cookie
            self.cookie = cookie.split(";")[0]

    def send(self, path, **fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self.headers()}
        return self.ask("POST", path, urlencode(fields).encode(), headers)

    def headers(self):
        return {"Cookie": self.cookie} if self.cookie else {}

    def get(self, path):
        return self.registry.get(path, headers=self.headers())

    def ask(self, method, path, body, headers):

        connection = http.client.HTTPConnection(self.registry.address, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()

    def form_token(self, path="/"):
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.get(path).body.decode())
        return found and found[1]

    def act(self, path, **fields):
        return self.send(path, form_token=self.form_token(), **fields)
