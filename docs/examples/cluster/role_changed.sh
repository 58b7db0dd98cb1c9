#!/bin/sh
# Patroni calls this when its node becomes the primary or a standby. PgBouncer tells clients what it heard from
# PostgreSQL when it first connected, also whether that is a standby: it must connect anew and forget that.
# cluster.py fills in what stands between @ signs.
exec psql -q -h @folder@ -p @bouncer_port@ -U pgbouncer -d pgbouncer -c "RECONNECT registry"
