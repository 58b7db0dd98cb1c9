# SPDX-License-Identifier: MIT
"""A registry that answers what a test tells it to: for the command line's behaviour towards good, bad
and strange answers. It keeps what it was asked.

    with FakeRegistry() as registry:
        registry.answer("GET", "/v1/resolve", {"records": []})
        registry.requests[0].query["group"] == ["honeyframe.plugins"]
"""

import dataclasses
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass
class Request:
    method: str
    path: str  # as sent, without the query
    query: dict
    headers: object
    body: bytes


@dataclasses.dataclass
class Reply:
    status: int
    body: bytes
    headers: dict
    delay_seconds: float = 0
    stream: object = None  # gives the body piece by piece, and its length is not told


class FakeRegistry:
    def __init__(self):
        self.replies = {}
        self.requests = []
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                outer.handle(self)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def answer(self, method, path, body, status=200, headers=None, delay_seconds=0):
        """`body`: bytes, or anything JSON. A list of answers is given one after the other."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = Reply(status, raw, {"Content-Type": "application/json", **(headers or {})}, delay_seconds)
        self.replies.setdefault((method, path), []).append(reply)

    def stream(self, method, path, pieces, headers=None):
        """Answers with what pieces() gives, for as long as it gives, or until the test ends. A length in
        `headers` is told as it stands there, true or not."""
        reply = Reply(200, b"", {"Content-Type": "application/json", **(headers or {})}, 0, pieces)
        self.replies.setdefault((method, path), []).append(reply)

    def problem(self, method, path, status, code, detail, **members):
        document = {"type": "about:blank", "title": "No", "status": status, "code": code, "detail": detail}
        self.answer(method, path, {**document, **members}, status,
                    {"Content-Type": "application/problem+json"})

    def handle(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        query = urllib.parse.parse_qs(url.query)
        self.requests.append(Request(handler.command, url.path, query, handler.headers, body))
        replies = self.replies.get((handler.command, url.path))
        if not replies:
            replies = [Reply(404, b'{"code":"not-found","detail":"no answer was set"}', {})]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        self.stopping.wait(reply.delay_seconds)
        # send_response adds the time of now
        (handler.send_response_only if "Date" in reply.headers else handler.send_response)(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.stream:
            self.send_stream(handler, reply)
            return
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)

    def send_stream(self, handler, reply):
        handler.close_connection = True
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for piece in reply.stream():
                if self.stopping.is_set():
                    return
                handler.wfile.write(piece)
                handler.wfile.flush()
        except OSError:
            pass  # the client has had enough, as it should

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
