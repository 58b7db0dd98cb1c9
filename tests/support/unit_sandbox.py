# SPDX-License-Identifier: MIT
"""Runs the ExecStart of a unit as systemd would, where systemd cannot run: as its user, with its folders and its
limits, and with those of its restrictions that could break a service:

    unit_sandbox.py [--root DIR] UNIT [COMMAND...]      # COMMAND in place of ExecStart

ProtectSystem=strict, PrivateDevices=, ProtectProc=invisible by a mount namespace of its own; NoNewPrivileges=,
CapabilityBoundingSet=, SystemCallFilter=, MemoryDenyWriteExecute=, RestrictAddressFamilies= and RestrictNamespaces=
by the kernel's filter, as systemd sets them. Run it as root. With --root, DIR is a Debian of its own; else /var/lib and
/run are empty and temporary."""

import argparse
import ctypes
import errno
import os
import pathlib
import pwd
import re
import resource
import shlex
import subprocess

MS_RDONLY, MS_NOSUID, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 32, 4096, 16384, 1 << 18
CLONE_NEWNS = 0x00020000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
ALLOW, DENY_EPERM, DENY_ENOSYS = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
CMP_EQ, CMP_MASKED_EQ = 4, 7
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
MOST_FAMILIES = 64
NAMESPACES = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000)
PASSED = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "ASAN_OPTIONS")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")  # this machine's, also for another root
libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def read_unit(path):
    """{name: its values}; an empty value forgets those before it."""
    found = {}
    for line in pathlib.Path(path).read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";", "[")):
            found[name.strip()] = [*found.get(name.strip(), []), value.strip()] if value.strip() else []
    return found


# ---- the file system ----

def mount(source, target, kind=None, flags=0, options=""):
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    if libc.mount(*words, flags, options.encode()):
        raise OSError(ctypes.get_errno(), f"mount {target}: {os.strerror(ctypes.get_errno())}")


def mounts_below(root):
    points = [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), line.split()[4])
              for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted({point for point in points if point == root or point.startswith(root.rstrip("/") + "/")})


def make_devices(root):
    """As PrivateDevices=: pseudo devices and shared memory."""
    originals = {name: os.open(f"/dev/{name}", os.O_PATH) for name in DEVICES}
    mount("tmpfs", f"{root}/dev", "tmpfs", MS_NOSUID, "mode=755")
    for name, fd in originals.items():
        pathlib.Path(f"{root}/dev/{name}").touch()
        mount(f"/proc/self/fd/{fd}", f"{root}/dev/{name}", None, MS_BIND)
        os.close(fd)
    for name, mode in (("shm", "1777"), ("pts", "755")):
        os.mkdir(f"{root}/dev/{name}")
        mount("tmpfs", f"{root}/dev/{name}", "tmpfs", MS_NOSUID, f"mode={mode}")


def make_folder(path, user, mode):
    os.makedirs(path, exist_ok=True)
    os.chown(path, user.pw_uid, user.pw_gid)
    os.chmod(path, mode)
    mount(path, path, None, MS_BIND)


def confine_files(root, unit, user):
    """Everything is read-only but the unit's folders, /tmp and the devices."""
    if libc.unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount(root or "/", root or "/", None, MS_BIND | MS_REC)
    if not root:
        for path in ("/var/lib", "/run"):
            mount("tmpfs", path, "tmpfs", MS_NOSUID, "mode=755")
    make_devices(root)
    mount("proc", f"{root}/proc", "proc", MS_NOSUID, "hidepid=invisible")
    writable = [f"{root}/dev", f"{root}/proc", f"{root}/sys", f"{root}/tmp"]
    for kind, base in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
        mode = int(unit.get(f"{kind}Mode", ["0755"])[-1], 8)
        for name in unit.get(kind, []):
            make_folder(f"{root}{base}/{name}", user, mode)
            writable.append(f"{root}{base}/{name}")
    if unit.get("ProtectSystem") == ["strict"]:
        for point in mounts_below(root or "/"):
            if not any(point == path or point.startswith(path + "/") for path in writable):
                mount(None, point, None, MS_REMOUNT | MS_BIND | MS_RDONLY)


# ---- system calls ----

def calls_of(word):
    """The names of a group ("@system-service"), with the groups in it."""
    if not word.startswith("@"):
        return {word}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True).stdout
    names = [line.strip() for line in listed.splitlines()[1:] if not line.strip().startswith("#")]
    return set().union(*(calls_of(name) for name in names if name))


def allowed_calls(values):
    allowed = set()
    for value in values:
        names = set().union(*(calls_of(word) for word in value.removeprefix("~").split()))
        allowed = allowed - names if value.startswith("~") else allowed | names
    return allowed


class Filter:
    def __init__(self, default):
        self.library = seccomp
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.library.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
                                                        ctypes.POINTER(Comparison)]  # fmt: skip
        self.library.seccomp_load.argtypes = [ctypes.c_void_p]
        self.context = self.library.seccomp_init(default)

    def add(self, action, name, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # else a call of another architecture
            array = (Comparison * len(comparisons))(*comparisons)
            code = self.library.seccomp_rule_add_array(self.context, action, number, len(comparisons), array)
            assert code == 0, (name, code)

    def load(self):
        code = self.library.seccomp_load(self.context)
        assert code == 0, code


def confine_calls(unit, names):
    details = Filter(ALLOW)
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        details.add(DENY_EPERM, "mmap", Comparison(2, CMP_MASKED_EQ, both, both))
        for name in ("mprotect", "pkey_mprotect"):
            details.add(DENY_EPERM, name, Comparison(2, CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC))
        details.add(DENY_EPERM, "shmat", Comparison(2, CMP_MASKED_EQ, SHM_EXEC, SHM_EXEC))
    if unit.get("RestrictNamespaces") == ["yes"]:
        for flag in NAMESPACES:
            details.add(DENY_EPERM, "clone", Comparison(0, CMP_MASKED_EQ, flag, flag))
            details.add(DENY_EPERM, "unshare", Comparison(0, CMP_MASKED_EQ, flag, flag))
        details.add(DENY_EPERM, "setns")
        details.add(DENY_ENOSYS, "clone3")
    families = [FAMILIES[word] for value in unit.get("RestrictAddressFamilies", []) for word in value.split()]
    for family in range(MOST_FAMILIES) if families else ():
        if family not in families:
            details.add(DENY_EPERM, "socket", Comparison(0, CMP_EQ, family, 0))
    wanted = Filter(DENY_EPERM)
    for name in sorted(names | {"execve"}):
        wanted.add(ALLOW, name)
    details.load()
    if names:
        wanted.load()


# ---- the process ----

def set_limits(unit):
    for value in unit.get("LimitNOFILE", []):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)  # a container may not raise it
        number = int(value) if most == resource.RLIM_INFINITY else min(int(value), most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))
    for value in unit.get("UMask", []):
        os.umask(int(value, 8))


def become(user):
    for capability in range(41):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(*[user.pw_gid] * 3)
    os.setresuid(*[user.pw_uid] * 3)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


def find_user(root, name):
    """In the passwd of the root. Outside a Debian of its own, PostgreSQL's user stands in for a missing one."""
    if root:
        for line in pathlib.Path(f"{root}/etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return pwd.struct_passwd((name, "x", int(fields[2]), int(fields[3]), *fields[4:7]))
        raise SystemExit(f"unit_sandbox: {root} has no user {name}")
    known = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam(name if name in known else "postgres")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="")
    parser.add_argument("unit")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    unit = read_unit(arguments.unit)
    user = find_user(arguments.root, unit["User"][0])
    names = allowed_calls(unit.get("SystemCallFilter", []))
    confine_files(arguments.root, unit, user)
    set_limits(unit)
    passed = {name: value for name, value in os.environ.items() if name in PASSED}
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8",
                   "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name,
                   "RUNTIME_DIRECTORY": "/run/" + unit["RuntimeDirectory"][0],
                   "STATE_DIRECTORY": "/var/lib/" + unit["StateDirectory"][0],
                   **passed}
    command = arguments.command or shlex.split(unit["ExecStart"][0])
    if arguments.root:
        os.chroot(arguments.root)
    os.chdir("/")
    become(user)
    confine_calls(unit, names)
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    main()
