# SPDX-License-Identifier: MIT
"""The HTTP server over time: slow clients, bounds, large answers, stopping."""

import contextlib
import gzip
import socket
import subprocess
import threading
import time

import pytest
from support.http_probe import (
    PATIENCE_SECONDS,
    PROGRAM,
    Probe,
    get,
    parse_responses,
    put,
    read_all,
    request,
    send_all,
)
from support.postgres import wait_until

SHORT_MS = 1200  # long enough for a sound request on a busy machine


@pytest.fixture(scope="module")
def probe():
    with Probe() as running:
        yield running


@pytest.fixture(scope="module")
def hasty():
    timeouts = {"head_timeout_ms": SHORT_MS, "idle_timeout_ms": SHORT_MS, "body_timeout_ms": SHORT_MS}
    with Probe(**timeouts, body_bytes_per_second=100_000_000) as running:
        yield running


def drip(connection, sent, pause_seconds=0.05):
    """Sends byte after byte from another thread, until the server has had enough."""

    def run():
        with contextlib.suppress(OSError):
            for at in range(len(sent)):
                connection.sendall(sent[at : at + 1])
                time.sleep(pause_seconds)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_a_dripping_head_is_cut(hasty):
    with hasty.connect() as connection:
        drip(connection, get("/echo", "X-Long: " + "a" * 1000))
        (response,) = parse_responses(read_all(connection))
        assert response.status == 408


def test_a_dripping_body_is_cut(hasty):
    with hasty.connect() as connection:
        connection.sendall(request("PUT", "/body", "Content-Length: 1000"))
        drip(connection, b"b" * 1000)
        (response,) = parse_responses(read_all(connection))
        assert response.status == 408
        assert "of 1000 bytes" in response.json["detail"]


def test_a_silent_body_is_cut(hasty):
    (response,) = hasty.talk(request("PUT", "/body", "Content-Length: 10", body=b"hello"))
    assert response.status == 408


def test_a_silent_body_after_100_continue_is_cut(hasty):
    told, response = hasty.talk(request("PUT", "/body", "Content-Length: 10", "Expect: 100-continue"))
    assert (told.status, response.status) == (100, 408)


def test_a_reply_that_is_taken_too_slowly_is_cut(hasty):
    size = 50_000_000  # more than any socket buffer
    with hasty.connect() as connection:
        connection.sendall(get(f"/big?bytes={size}"))
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(100_000):
                received += len(part)
                time.sleep(0.02)
        assert received < size


def test_a_silent_connection_is_closed_without_a_word(hasty):
    assert hasty.talk(b"") == []


def test_an_idle_connection_is_closed_after_its_answer(hasty):
    (response,) = hasty.talk(get("/echo"))
    assert response.status == 200
    assert response.headers["connection"] == "keep-alive"


def test_a_body_in_pieces_is_put_together(probe):
    with probe.connect() as connection:
        connection.sendall(request("PUT", "/body", "Content-Length: 10", "Connection: close"))
        for piece in (b"01", b"234", b"56789"):
            time.sleep(0.02)
            connection.sendall(piece)
        (response,) = parse_responses(read_all(connection))
        assert response.json["body"] == "0123456789"


def test_a_head_in_pieces_is_put_together(probe):
    with probe.connect() as connection:
        for piece in (b"GET /ec", b"ho HTTP/1.1\r", b"\nHost: x\r\nConnection: close\r\n\r", b"\n"):
            connection.sendall(piece)
            time.sleep(0.02)
        (response,) = parse_responses(read_all(connection))
        assert response.status == 200


def test_a_client_that_sends_all_before_it_reads_sees_why_it_is_refused(probe):
    (response,) = probe.talk(put("/body", b"b" * (1024 * 1024 + 1)))
    assert response.status == 413
    assert "at most 1000" in response.json["detail"]


def test_what_earlier_clients_left_in_the_buffer_is_never_read():
    """civetweb skips white space before a request, beyond what has been received. The second of two
    pipelined requests stays in the buffer as it was sent."""
    theirs = get("/echo/their/and/secret", "Connection: close")
    first = get("/echo", "X-Longer-Than-The-Second: " + "a" * len(theirs))
    with Probe(threads=1) as probe:
        for white_bytes in range(len(first) - 2, len(first) + 2):
            probe.talk(first + theirs)
            (response,) = probe.talk(b"\r\n\r\n" + b"\n" * (white_bytes - 4), half_close=True)
            assert response.status == 400
            assert b"secret" not in response.body


def test_head_is_a_get_without_its_body(probe):
    (response,) = probe.talk(request("HEAD", "/fixed", "Connection: close"))
    assert response.status == 200
    assert response.headers["content-length"] == "1024"
    assert response.body == b""


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 60_000, 70_000, 3_000_000])
def test_answers_of_any_size_arrive_whole(probe, size):
    plain = probe.ask(f"/big?bytes={size}")
    assert plain.body == b"y" * size
    packed = probe.ask(f"/big?bytes={size}", "Accept-Encoding: gzip")
    if size >= 1024:
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["etag"] == 'W/"big"'
        assert gzip.decompress(packed.body) == plain.body
    else:
        assert "content-encoding" not in packed.headers
        assert packed.body == plain.body


def test_request_ids_are_never_the_same(probe):
    responses = probe.talk(get("/fixed") * 20 + get("/fixed", "Connection: close"))
    assert len({response.headers["x-request-id"] for response in responses}) == 21


def test_faults_hide_their_cause(probe):
    response = probe.ask("/broken")
    assert response.status == 500
    assert b"secret" not in response.body


def begin_body(stack, probe):
    """A connection that has sent the head of a body of ten bytes, and is waited for."""
    slow = stack.enter_context(probe.connect())
    slow.sendall(request("PUT", "/body", "Content-Length: 10", "Expect: 100-continue"))
    assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
    return slow


def test_a_client_has_its_share_of_the_places_for_bodies():
    patience = {"body_timeout_ms": PATIENCE_SECONDS * 1000}
    with Probe(bodies_at_once=8, placeless_body_bytes=8, **patience) as probe, contextlib.ExitStack() as stack:
        slow = [begin_body(stack, probe) for _ in range(2)]
        (response,) = probe.talk(put("/body", b"0123456789"))
        assert response.status == 503
        assert response.headers["retry-after"] == "1"
        (small,) = probe.talk(put("/body", b"hello", "Connection: close"))
        assert small.status == 200  # needs no place
        slow[0].sendall(b"0123456789")
        (response,) = parse_responses(slow[0].recv(4096))
        assert response.status == 200
        (response,) = probe.talk(put("/body", b"0123456789", "Connection: close"))
        assert response.status == 200


def test_connections_of_one_address_are_bounded():
    """Connections that are being served count; those that are silent or idle make room."""
    with Probe(connections_per_address=3) as probe, contextlib.ExitStack() as stack:
        busy = [stack.enter_context(probe.connect()) for _ in range(3)]
        for connection in busy:
            connection.sendall(get("/slow?ms=7000"))
        time.sleep(0.5)  # they are being served
        (refused,) = probe.talk(get("/fixed"))
        assert refused.status == 429
        assert refused.headers["retry-after"] == "1"
        assert refused.json["code"] == "too-many-requests"
        for connection in busy:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        (response,) = probe.talk(get("/fixed", "Connection: close"))
        assert response.status == 200


def test_silent_connections_make_room_for_a_request():
    with Probe(connections_per_address=3) as probe, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(probe.connect()) for _ in range(20)]
        assert probe.ask("/fixed").status == 200
        assert silent[0].recv(10) == b""


def test_a_worker_is_taken_only_by_a_whole_request():
    """Twenty clients that have sent half of a head, or half of a body, and one worker."""
    with Probe(threads=1, head_timeout_ms=PATIENCE_SECONDS * 1000) as probe, contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(probe.connect()).sendall(get("/fixed")[:-3])
            stack.enter_context(probe.connect()).sendall(request("PUT", "/body", "Content-Length: 10"))
        assert probe.ask("/fixed").status == 200


def hold_workers(stack, probe, workers, *headers):
    """Requests that end only when the gate opens; returns once so many of them have a worker."""
    connections = [stack.enter_context(probe.connect()) for _ in range(20)]
    for connection in connections:
        connection.sendall(get("/held", "Connection: close", *headers))
    wait_until(lambda: probe.ask("/healthz").json["handled"] == workers)
    return connections


def test_a_worker_is_kept_back_for_revoking():
    """Ordinary requests take 14 of 16 workers. Revoking opens the gate, so no request ends before it."""
    revoking = request("POST", "/v1/tokens/1/revoke", "Content-Length: 2", "Connection: close", body=b"{}")
    with Probe(threads=16) as probe, contextlib.ExitStack() as stack:
        held = hold_workers(stack, probe, 14)
        (answer,) = probe.talk(revoking)
        assert answer.status == 200 and answer.json["handled"] == 14
        statuses = [parse_responses(read_all(connection))[0].status for connection in held]
        assert set(statuses) <= {200, 503} and statuses.count(200) >= 14


def test_a_worker_is_kept_back_for_monitoring():
    """Administrators take the 15th worker and no more; health is asked beside them."""
    with Probe(threads=16) as probe, contextlib.ExitStack() as stack:
        hold_workers(stack, probe, 14)
        hold_workers(stack, probe, 15, "Authorization: Bearer plga_" + "0" * 46)
        assert probe.ask("/healthz").json["handled"] == 15
        assert probe.ask("/readyz").status == 200  # opens the gate


def test_an_idle_connection_gives_its_worker_back():
    with Probe(threads=1) as probe, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(probe.connect()) for _ in range(5)]
        for _ in range(2):
            for connection in idle:
                connection.sendall(get("/fixed"))
                assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_a_part_of_the_next_request_holds_its_worker_for_a_moment():
    with Probe(threads=1, idle_timeout_ms=PATIENCE_SECONDS * 1000) as probe, probe.connect() as pipelining:
        pipelining.sendall(get("/fixed") + b"GET /fix")
        assert b"HTTP/1.1 408 " in read_all(pipelining)


def assert_soon(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers_in_background(probe, sent):
    received = []
    thread = threading.Thread(target=lambda: received.extend(probe.talk(sent)))
    thread.start()
    return thread, received


def test_a_stop_lets_requests_under_way_finish():
    with Probe() as probe:
        thread, received = answers_in_background(probe, get("/slow?ms=700"))
        with probe.connect() as idle:
            idle.sendall(get("/fixed"))
            assert idle.recv(4096).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.2)  # the slow one is under way
            stopped = threading.Thread(target=probe.stop)
            stopped.start()
            time.sleep(0.2)  # stopping
            with pytest.raises(ConnectionRefusedError):
                probe.connect()
            send_all(idle, get("/fixed"))  # it crossed the stop: answered, and the last on this connection
            (last,) = parse_responses(read_all(idle))
            assert last.status == 200
            assert last.headers["connection"] == "close"
        thread.join()
        stopped.join()
        assert [response.status for response in received] == [200]


def test_a_stop_does_not_wait_for_idle_connections():
    with Probe(idle_timeout_ms=PATIENCE_SECONDS * 1000) as probe, probe.connect() as idle:
        idle.sendall(get("/fixed"))
        assert idle.recv(4096)
        assert probe.stop() == 0  # within PATIENCE_SECONDS
        assert idle.recv(4096) == b""


def run_probe(*arguments):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def test_a_port_that_is_taken_is_one_clear_line(probe):
    host, port = probe.address
    run = run_probe(f"listen={host}:{port}")
    assert run.returncode == 1
    assert f"Cannot listen on {host}:{port}: another program uses" in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "listen, message",
    [
        ("", "is not HOST:PORT"),
        (":80", "is not HOST:PORT"),
        ("127.0.0.1", "is not HOST:PORT"),
        ("127.0.0.1:http-ish", "is not HOST:PORT"),
        ("127.0.0.1:99999", "is not HOST:PORT"),
        ("[::1]:7621", "is not HOST:PORT"),
        ("192.0.2.1:7621", "does not have that address"),
    ],
)
def test_an_address_that_will_not_do_is_one_clear_line(listen, message):
    run = run_probe(f"listen={listen}")
    assert run.returncode == 1
    assert message in run.stderr
    assert run.stderr.count("\n") == 1


def test_the_listening_socket_is_ipv4_on_the_address_given(probe):
    assert probe.address[0] == "127.0.0.1"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", probe.address[1]), 5)
