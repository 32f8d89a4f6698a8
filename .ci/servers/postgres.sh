#!/usr/bin/env bash
# A PostgreSQL 15 of Debian for tests: on a free loopback port, its data below DIR, forgotten when it stops.
#
#   postgres.sh start DIR     starts it, prints MEREON_TEST_POSTGRES=URL of a superuser
#   postgres.sh kill DIR      ends it as a crash would, all its processes at once (SIGKILL)
#   postgres.sh restart DIR   starts it again on the same port with the same data
#   postgres.sh stop DIR      stops it and forgets the data; does nothing when there is none
#
# DIR/postgresql.conf, when it exists before start, is appended to the configuration (max_connections = 8); with
# DIR/server.crt and DIR/server.key the server speaks TLS.
set -euo pipefail
action=${1:?start, kill, restart or stop}
dir=$(realpath -m "${2:?a directory}")
script=$(realpath "$0")
data=$dir/data

bin() {
  local found
  found=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null || true)
  [ -n "$found" ] || found=$(dirname "$(command -v initdb 2>/dev/null || command -v pg_ctl 2>/dev/null || true)" 2>/dev/null)
  [ -x "$found/initdb" ] || return 1
  echo "$found"
}

# The server refuses to run as root, so it runs as postgres, whom the Debian package brings.
as_server() {
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- env -u PGPORT -u PGHOST "$@"); else "$@"; fi
}

port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
    echo $((20000 + RANDOM % 20000))
}

launch() {
  as_server "$(bin)/pg_ctl" -D "$data" -l "$data/server.log" -w -t 60 start </dev/null >&2
}

start() {
  "$(dirname "$script")/../prepare" postgres >&2
  mkdir -p "$dir"
  local place=$dir
  if [ "$(id -u)" = 0 ]; then
    # A folder below a private temporary directory cannot be entered by another user: the data gets a place of its own.
    place=$(mktemp -d)
    chown postgres:postgres "$place"
    ln -sfn "$place" "$dir/place"
    data=$place/data
  fi
  local password
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  as_server sh -c 'printf %s "$2" >"$1.password"; chmod 600 "$1.password"' sh "$data" "$password"
  as_server "$(bin)/initdb" -D "$data" -U mereon --pwfile="$data.password" --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log"
  if [ -e "$dir/server.key" ]; then
    local part
    for part in crt key; do
      as_server sh -c 'cat >"$1"; chmod 600 "$1"' sh "$data/server.$part" <"$dir/server.$part"
    done
  fi
  local try number
  for try in 1 2 3; do
    number=$(port)
    {
      echo "listen_addresses = '127.0.0.1'"
      echo "port = $number"
      echo "unix_socket_directories = ''"
      echo "fsync = off"
      echo "shared_buffers = 32MB"
      echo "dynamic_shared_memory_type = mmap"
      [ ! -e "$dir/server.key" ] || echo "ssl = on"
      [ ! -e "$dir/postgresql.conf" ] || cat "$dir/postgresql.conf"
    } | as_server sh -c 'cat >"$1"' sh "$data/mereon.conf"
    as_server sh -c 'grep -q mereon.conf "$1" || echo "include '"'mereon.conf'"'" >>"$1"' sh "$data/postgresql.conf"
    if launch; then break; fi
    [ "$try" != 3 ] || { cat "$data/server.log" >&2; exit 1; }
  done
  PGPASSWORD=$password "$(bin)/createdb" -h 127.0.0.1 -p "$number" -U mereon mereon >&2
  echo "MEREON_TEST_POSTGRES=postgres://mereon:$password@127.0.0.1:$number/mereon?sslmode=disable"
}

place() {
  if [ -e "$dir/place" ]; then data=$(realpath "$dir/place")/data; fi
}

kill_all() {
  place
  local first
  first=$(head -1 "$data/postmaster.pid")
  local children
  children=$(ps -o pid= --ppid "$first" || true)
  kill -KILL "$first" $children 2>/dev/null || true
  local i
  for i in $(seq 200); do kill -0 "$first" 2>/dev/null || break; sleep 0.05; done
}

case $action in
start) start ;;
kill) kill_all ;;
restart)
  place
  as_server rm -f "$data/postmaster.pid"
  launch
  ;;
stop)
  place
  if [ -e "$data/postmaster.pid" ]; then
    as_server "$(bin)/pg_ctl" -D "$data" -m immediate -w -t 30 stop </dev/null >&2 || true
  fi
  if [ -e "$dir/place" ]; then rm -rf "$(realpath "$dir/place")" "$dir/place"; fi
  rm -rf "$data"
  ;;
*)
  echo "postgres.sh: unknown action $action" >&2
  exit 2
  ;;
esac
