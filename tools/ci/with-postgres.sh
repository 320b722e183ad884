#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own on a private loopback port: with-postgres.sh COMMAND [ARG ...]
# The server's address is in STRONGROOM_TEST_POSTGRES. It is stopped and its files are removed when the command ends.
# It gives up durability: what it holds is made for the tests and thrown away.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL's server programs are missing: apt-get install postgresql" >&2; exit 1; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/strongroom-pg.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  chown postgres "$dir"
  as=(runuser -u postgres --)
fi
stop() {
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$dir"
}
trap stop EXIT
cd_back=$PWD
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -U strongroom -A trust -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
for try in 1 2 3 4 5 6 7 8; do
  port=$((20000 + RANDOM % 30000))
  if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 start -o \
    "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir/data -c max_connections=400 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >/dev/null 2>&1; then
    break
  fi
  [ "$try" -lt 8 ] || { echo "PostgreSQL did not start:" >&2; tail -n 20 "$dir/data/server.log" >&2; exit 1; }
done
cd "$cd_back"
export STRONGROOM_TEST_POSTGRES="postgres://strongroom@127.0.0.1:$port/postgres"
"$@"
