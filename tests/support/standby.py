# SPDX-License-Identifier: MIT
"""A second PostgreSQL that follows a first: a hot standby, made by pg_basebackup, until it is promoted.

    with Cluster() as primary, Standby(primary) as standby:
        standby.wait_for(primary)
        primary.kill()
        standby.promote()
"""
from support.postgres import Cluster, wait_until


class Standby(Cluster):
    """Follows `primary` asynchronously, or with `synchronous_standby_names` there, synchronously."""

    def __init__(self, primary, **settings):
        super().__init__(**{**primary.settings, **settings})
        self.primary = primary

    def make(self):
        self.run("pg_basebackup", "-h", self.primary.folder, "-U", "postgres", "-X", "stream", "-c", "fast",
                 "--no-sync", "-R", "-D", self.data)

    def promote(self):
        """Returns when it takes changes, on a new timeline."""
        self.run("pg_ctl", "-D", self.data, "-w", "promote")

    def wait_for(self, primary):
        """Until it has everything that the primary has now."""
        place = primary.sql(primary.conninfo("postgres"), "SELECT pg_current_wal_lsn()")[0][0]
        wait_until(lambda: self.sql(self.conninfo("postgres"),
                                    f"SELECT pg_last_wal_replay_lsn() >= '{place}'") == [["t"]])
