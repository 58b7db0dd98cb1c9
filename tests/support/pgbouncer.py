# SPDX-License-Identifier: MIT
"""PgBouncer in transaction mode in front of a cluster of the tests, on a unix socket only.

    with Cluster() as cluster, PgBouncer(cluster) as bouncer:
        bouncer.conninfo("test1", "registryd_app")

It has fewer connections to the server than its clients want, so that their transactions take turns on them.
"""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from support.postgres import wait_until

PORT = 6432


class PgBouncer:
    """`servers`: connections to the server that all clients share."""

    def __init__(self, cluster, servers=2):
        self.cluster, self.servers = cluster, servers
        self.process = self.folder = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pgb", dir="/tmp"))
        self.folder.chmod(0o755)
        settings = f"""[databases]
* = host={self.cluster.folder}
[pgbouncer]
listen_addr =
listen_port = {PORT}
unix_socket_dir = {self.folder}
auth_type = trust
auth_file = {self.folder}/users
pool_mode = transaction
default_pool_size = {self.servers}
max_client_conn = 200
logfile = {self.folder}/log
"""
        (self.folder / "pgbouncer.ini").write_text(settings, encoding="utf-8")
        (self.folder / "users").write_text('"registryd_app" ""\n"postgres" ""\n', encoding="utf-8")
        line = ["/usr/sbin/pgbouncer", "-q", str(self.folder / "pgbouncer.ini")]
        if os.geteuid() == 0:  # it does not run as root
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            line = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *line]
        self.process = subprocess.Popen(line, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_until(lambda: (self.folder / f".s.PGSQL.{PORT}").exists())
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def conninfo(self, database, user):
        return f"host={self.folder} port={PORT} user={user} dbname={database}"

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")
