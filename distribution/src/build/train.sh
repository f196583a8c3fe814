#!/usr/bin/env bash
# Makes the AOT cache of an image: runs the program as production does, lets it forward, stops it.
#
#   train.sh IMAGE WORK
#
# The cache is good for exactly the options that it was made with, so it is the image's own launcher that runs here.
set -euo pipefail
# shellcheck source=functions.sh
source "${BASH_SOURCE[0]%/*}/functions.sh"

image=$1
work=$2
cache=$image/lib/socketforwarder.aot
log=$work/train.log
pid=

trap '[[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true' EXIT

# Whether the program listens on TCP port $1, within 20 s, and while it lives.
await_port() {
  local i
  for ((i = 0; i < 400; i++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# Two members for each protocol, each of which sends to the other: $1 the TCP port, $2 the UDP port.
forward() {
  local a b c d i line
  exec {a}<>"/dev/tcp/127.0.0.1/$1" {b}<>"/dev/tcp/127.0.0.1/$1" {c}<>"/dev/udp/127.0.0.1/$2" {d}<>"/dev/udp/127.0.0.1/$2"
  printf 'SOCKETFORWARDER-NEW:train\n' >&"$a"
  printf 'SOCKETFORWARDER-NEW:train\n' >&"$b"
  printf 'SOCKETFORWARDER-NEW:\n' >&"$c"
  printf 'SOCKETFORWARDER-NEW:\n' >&"$d"
  sleep 0.5
  for ((i = 0; i < 50; i++)); do
    printf 'message %d\n' "$i" >&"$a"
    IFS= read -r -t 5 -u "$b" line && [[ $line == "message $i" ]] || return 1
    printf 'answer %d\n' "$i" >&"$b"
    IFS= read -r -t 5 -u "$a" line && [[ $line == "answer $i" ]] || return 1
    printf 'datagram %d\n' "$i" >&"$c"
    # One read takes one datagram; bash's own would take a byte, and lose the others.
    line=$(timeout 5 dd bs=65536 count=1 status=none <&"$d") && [[ $line == "datagram $i" ]] || return 1
  done
  exec {a}>&- {b}>&- {c}>&- {d}>&-
  sleep 0.5
}

rm -f "$cache"
for attempt in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 10000))
  printf 'host-address: 127.0.0.1\ntransports:\n  tcp:\n    port: %d\n  udp:\n    port: %d\n' "$port" "$port" >"$work/train.yaml"
  JDK_JAVA_OPTIONS="'-XX:AOTCacheOutput=$cache'" "$image/bin/socketforwarder" --config "$work/train.yaml" >"$log" 2>&1 &
  pid=$!
  if await_port "$port"; then
    forward "$port" "$port" || fail "nothing was forwarded while the AOT cache was made: see $log"
    kill -TERM "$pid"
    wait "$pid" || fail "the program stopped with exit code $? while the AOT cache was made: see $log"
    pid=
    break
  fi
  wait "$pid" || true
  pid=
  ((attempt < 5)) || fail "the program does not start, so no AOT cache can be made: see $log"
done
[[ -s $cache ]] || fail "no AOT cache was written: see $log"

# With AOTMode=on a cache that does not fit is an error.
JDK_JAVA_OPTIONS=-XX:AOTMode=on "$image/bin/socketforwarder" --version >"$work/train-check.log" 2>&1 ||
  fail "the AOT cache does not fit its image: see $work/train-check.log"
