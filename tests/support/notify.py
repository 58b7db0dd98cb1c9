# SPDX-License-Identifier: MIT
"""The supervisor of services as registryd sees it: the socket in NOTIFY_SOCKET, and which process sent what, when."""

import dataclasses
import os
import socket
import struct
import threading
import time


@dataclasses.dataclass
class Message:
    at: float  # seconds of the monotonic clock
    pid: int  # of the sender, as the kernel reports it
    lines: list


class Supervisor:
    """`address` is a path or "@name"."""

    def __init__(self, address):
        self.address = str(address)
        self.messages = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("\0" + self.address[1:] if self.address[0] == "@" else self.address)
        if self.address[0] == "/":
            os.chmod(self.address, 0o777)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                text, control, _, _ = self._socket.recvmsg(8192, socket.CMSG_SPACE(12))
            except OSError:
                return
            pid = struct.unpack("3i", control[0][2])[0] if control else 0
            self.messages.append(Message(time.monotonic(), pid, text.decode().splitlines()))

    def times_of(self, line):
        return [message.at for message in list(self.messages) if line in message.lines]

    def states(self):
        return [line[len("STATUS="):] for message in list(self.messages) for line in message.lines
                if line.startswith("STATUS=")]

    def wait_for(self, line, seconds=60, process=None):
        """The moment when it came first. Fails at once when the process ends."""
        end = time.monotonic() + seconds
        while not self.times_of(line):
            assert time.monotonic() < end, f"no {line} in {seconds} s: {self.messages}"
            assert process is None or process.poll() is None, f"no {line}: the process ended with {process.returncode}"
            time.sleep(0.01)
        return self.times_of(line)[0]

    def close(self):
        self._socket.close()
