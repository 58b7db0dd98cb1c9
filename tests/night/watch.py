# SPDX-License-Identifier: MIT
"""Runs one program of the night inside its bounds: time, the memory of all its processes, and the space on disk.

A program that breaks a bound is killed with everything that it started, and its result says which bound it was.
Children that left the process group are found by the temporary folder, which each inherits in its environment.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

LEAST_FREE_BYTES = 2 * 1024 ** 3  # of the disk; less, and the machine itself is in danger
MEMORY_SHARE = 0.75               # of the machine's memory, for all processes of one program


def memory_of_machine():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def processes_of(folder):
    """(pid, bytes in memory) of what has this temporary folder in its environment."""
    mark, found = f"TMPDIR={folder}\0".encode(), []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark in (entry / "environ").read_bytes() + b"\0":
                pages = int((entry / "statm").read_text().split()[1])
                found.append((int(entry.name), pages * os.sysconf("SC_PAGE_SIZE")))
        except OSError:  # it ended meanwhile, or belongs to somebody else
            continue
    return found


def broken_bound(folder, begin, seconds, memory):
    if time.monotonic() - begin > seconds:
        return f"it took longer than {seconds:.0f} s"
    used = sum(size for _, size in processes_of(folder))
    if used > memory:
        return f"it used {used >> 20} MiB of memory, more than {memory >> 20}"
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        return f"only {free >> 20} MiB were left on the disk of {folder}"
    return None


def end_all(process, folder):
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid, _ in processes_of(folder):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        if number == signal.SIGTERM:
            time.sleep(2)
    process.wait()


def run(words, log, seconds, environment, memory=None, every=1.0):
    """(exit status or None, reason or None). The log keeps all it said; its temporary files are gone afterwards."""
    memory = memory or int(memory_of_machine() * MEMORY_SHARE)
    folder = tempfile.mkdtemp(prefix="night-")  # short: addresses of sockets have at most 107 bytes
    os.chmod(folder, 0o711)                     # PostgreSQL's user must pass through
    begin, reason = time.monotonic(), None
    try:
        with open(log, "wb") as output:
            process = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **environment, "TMPDIR": folder}, start_new_session=True)
            while process.poll() is None:
                try:
                    process.wait(every)
                except subprocess.TimeoutExpired:
                    reason = broken_bound(folder, begin, seconds, memory)
                if reason:
                    end_all(process, folder)
            if not reason and processes_of(folder):
                end_all(process, folder)
                reason = "it left processes running"
        return (None if reason else process.returncode), reason
    finally:
        shutil.rmtree(folder, ignore_errors=True)
