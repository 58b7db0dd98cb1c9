# SPDX-License-Identifier: MIT
"""A small object store that checks what s3rver does not: every signature, by its own reading of AWS's rules, and the
digest of what is written. It refuses as S3 does; `refusals` holds what it refused, `seen` each method and path, and
`answers` a list of statuses that come before the right answer."""

import datetime
import hashlib
import hmac
import http.server
import threading
import urllib.parse

SECONDS_OFF = 900


def signature(secret, scope, to_sign):
    key = ("AWS4" + secret).encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def encoded(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


class Refused(Exception):
    pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer_with(self.get)

    def do_PUT(self):
        self.answer_with(self.put)

    def do_DELETE(self):
        self.answer_with(self.delete)

    def answer_with(self, work):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        path, _, query = self.path.partition("?")
        self.key, self.query = urllib.parse.unquote(path), dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if self.server.answers:
            return self.send(self.server.answers.pop(0), b"<Error><Code>SlowDown</Code></Error>")
        try:
            self.check()
        except Refused as refused:
            self.server.refusals.append(str(refused))
            return self.send(403, f"<Error><Code>{refused}</Code><Message>No.</Message></Error>".encode())
        return work()

    def check(self):
        """The signature, in the header or in the query."""
        query = dict(self.query)
        if "X-Amz-Signature" in query:
            given, names = query.pop("X-Amz-Signature"), query["X-Amz-SignedHeaders"]
            access, _, scope = query["X-Amz-Credential"].partition("/")
            moment, payload = query["X-Amz-Date"], "UNSIGNED-PAYLOAD"
            lifetime, token = int(query["X-Amz-Expires"]), query.get("X-Amz-Security-Token")
        else:
            scheme, _, rest = self.headers["Authorization"].partition(" ")
            fields = dict(field.strip().split("=", 1) for field in rest.split(","))
            assert scheme == "AWS4-HMAC-SHA256"
            given, names = fields["Signature"], fields["SignedHeaders"]
            access, _, scope = fields["Credential"].partition("/")
            moment, payload = self.headers["x-amz-date"], self.headers["x-amz-content-sha256"]
            lifetime, token = SECONDS_OFF, self.headers.get("x-amz-security-token")
            if "host" not in names.split(";") or any(
                    name.lower() not in names.split(";") for name in self.headers if name.lower().startswith("x-amz-")):
                raise Refused("AccessDenied")
            if payload != hashlib.sha256(self.body).hexdigest():
                raise Refused("XAmzContentSHA256Mismatch")
        then = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        age = (datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()
        if not -SECONDS_OFF < age < lifetime:
            raise Refused("RequestTimeTooSkewed")
        if access != self.server.access or token != self.server.token:
            raise Refused("InvalidAccessKeyId")
        canonical = "\n".join([
            self.command, encoded(self.key, "/"),
            "&".join(sorted(f"{encoded(name)}={encoded(value)}" for name, value in query.items())),
            *(f"{name}:{self.headers[name].strip()}" for name in names.split(";")), "", names, payload])
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        if scope != f"{moment[:8]}/{self.server.region}/s3/aws4_request" or given != signature(self.server.secret, scope, to_sign):
            raise Refused("SignatureDoesNotMatch")

    def send(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def get(self):
        data = self.server.objects.get(self.key)
        if data is None:
            return self.send(404, b"<Error><Code>NoSuchKey</Code><Message>No such key.</Message></Error>")
        headers = []
        if "response-content-disposition" in self.query:
            headers.append(("Content-Disposition", self.query["response-content-disposition"]))
        if "Range" not in self.headers:
            return self.send(200, data, headers)
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        piece = data[int(first):int(last) + 1 if last else None]
        end = int(first) + len(piece) - 1
        return self.send(206, piece, [*headers, ("Content-Range", f"bytes {first}-{end}/{len(data)}")])

    def put(self):
        self.server.objects[self.key] = self.body
        self.send(200)

    def delete(self):
        self.server.objects.pop(self.key, None)
        self.send(204)


class SignedStore(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, access="AKIA", secret="a/secret+key", region="eu-central-1", token=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.access, self.secret, self.region, self.token = access, secret, region, token
        self.objects, self.refusals, self.seen, self.answers = {}, [], [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def arguments(self):
        return ["--files", "s3://plugins/signed", "--files-endpoint", self.endpoint, "--files-path-style",
                "--files-region", self.region]

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_SESSION_TOKEN": self.token or ""}

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
