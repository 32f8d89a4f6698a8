#!/usr/bin/env bash
# A Neo4j 5.26 community server for tests: on a free loopback port, its data below DIR, forgotten when it stops. Maven brings
# it into the user's own local repository, once.
#
#   neo4j.sh start DIR [tls=FOLDER]   starts it, prints MEREON_TEST_NEO4J=URL with user and password; with NEO4J_DISK=SIZE on a
#                                     disk of its own (a tmpfs, where root may mount one), so that it can be filled
#   neo4j.sh set DIR KEY=VALUE        changes a setting while it runs: read-only, memory, total, as Neo4jServer.java says
#   neo4j.sh pause DIR                stops its process for a while; resume DIR lets it go on
#   neo4j.sh kill DIR                 ends it as a crash would (SIGKILL)
#   neo4j.sh restart DIR [tls=FOLDER] starts it again on the same port with the same data
#   neo4j.sh stop DIR                 stops it and forgets the data; does nothing when there is none
#
# NEO4J_HEAP is its heap, 512m unless set. NEO4J_SHORT=1 is for one that lives for minutes at most: it compiles less, and starts
# sooner. NEO4J_SETTINGS="NAME=VALUE NAME=VALUE" are settings as Neo4j's manual names them. Without Java or Maven start ends with
# status 3.
set -euo pipefail
action=${1:?start, set, pause, resume, kill, restart or stop}
dir=$(realpath -m "${2:?a directory}")
here=$(cd "$(dirname "$0")" && pwd)

# classpath brings the jars and prints where they are.
classpath() {
  local kept file
  kept=$here/../../.cache/neo4j
  file=$kept/classpath-$(cksum <"$here/neo4j/pom.xml" | cut -d' ' -f1)
  mkdir -p "$kept"
  exec 9>"$kept/lock"
  flock 9
  if [ ! -s "$file" ] || [ ! -e "$(cut -d: -f1 "$file")" ]; then
    echo "neo4j: Maven brings the server" >&2
    mvn -B -q -f "$here/neo4j/pom.xml" dependency:build-classpath -Dmdep.outputFile="$file.new" >&2
    mv "$file.new" "$file"
  fi
  exec 9>&-
  cat "$file"
}

port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
    echo $((20000 + RANDOM % 20000))
}

running() { [ -e "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null; }

launch() { # as Neo4jServer.java takes them
  local jars opens=() package
  jars=$(classpath)
  for package in java.nio java.io sun.nio.ch java.lang java.util.concurrent; do opens+=(--add-opens "java.base/$package=ALL-UNNAMED"); done
  : >"$dir/log"
  rm -f "$dir/data.set"
  java "-Xmx${NEO4J_HEAP:-512m}" ${NEO4J_SHORT:+-XX:TieredStopAtLevel=1} -XX:+UseSerialGC "${opens[@]}" -cp "$jars" "$here/neo4j/Neo4jServer.java" \
    "$dir/data" "$(cat "$dir/port")" "settings=$dir/settings" "$@" >"$dir/log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  for _ in $(seq 600); do
    if grep -q '^ready' "$dir/log" && (exec 3<>"/dev/tcp/127.0.0.1/$(cat "$dir/port")") 2>/dev/null; then return; fi
    running || break
    sleep 0.2
  done
  gone KILL
  echo "neo4j did not start:" >&2
  tail -20 "$dir/log" >&2
  exit 1
}

gone() { # SIGNAL: ends it and waits
  running || return 0
  kill "-$1" "$(cat "$dir/pid")" 2>/dev/null || true
  for _ in $(seq 100); do
    running || return 0
    sleep 0.1
  done
  kill -KILL "$(cat "$dir/pid")" 2>/dev/null || true
}

case $action in
start)
  if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    echo "neo4j: there is no Java or no Maven; .ci/prepare neo4j installs them" >&2
    exit 3
  fi
  mkdir -p "$dir/data"
  [ -z "${NEO4J_DISK:-}" ] || mount -t tmpfs -o "size=$NEO4J_DISK" tmpfs "$dir/data" || echo "neo4j: no disk of its own" >&2
  port >"$dir/port"
  echo "secret-$RANDOM$RANDOM" >"$dir/password"
  tr ' ' '\n' <<<"${NEO4J_SETTINGS:-}" >"$dir/settings"
  launch "password=$(cat "$dir/password")" "${@:3}"
  echo "MEREON_TEST_NEO4J=neo4j://neo4j:$(cat "$dir/password")@127.0.0.1:$(cat "$dir/port")"
  ;;
set)
  touch "$dir/data.set"
  n=$(wc -l <"$dir/data.set")
  echo "$n ${3:?KEY=VALUE}" >>"$dir/data.set"
  for _ in $(seq 100); do
    grep -qx "set $n" "$dir/log" && exit 0
    sleep 0.1
  done
  echo "neo4j did not take $3:" >&2
  tail -20 "$dir/log" >&2
  exit 1
  ;;
pause)
  kill -STOP "$(cat "$dir/pid")"
  for _ in $(seq 100); do # a busy machine takes its time to stop all threads
    grep -hq '^State:[[:space:]]*[^Tt[:space:]]' /proc/"$(cat "$dir/pid")"/task/*/status || break
    sleep 0.05
  done
  ;;
resume) kill -CONT "$(cat "$dir/pid")" ;;
kill) gone KILL ;;
restart) launch "${@:3}" ;;
stop)
  gone TERM
  ! mountpoint -q "$dir/data" || umount "$dir/data"
  rm -rf "$dir"
  ;;
*)
  echo "neo4j.sh: unknown action $action" >&2
  exit 2
  ;;
esac
