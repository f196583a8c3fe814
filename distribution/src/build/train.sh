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

# Whether the program listens on TCP port $1, and for UDP, within 20 s, and while it lives.
await_ports() {
  local i
  for ((i = 0; i < 400; i++)); do
    # Its endpoints start side by side, and a datagram that comes too early is lost.
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && grep --quiet ' udp listening on ' "$log"; then
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# One message from descriptor $1 into $line, within $2 s. A read of all that is there: bash's own would take a datagram's
# first byte, and lose the others.
receive() {
  line=$(timeout "$2" dd bs=65536 count=1 status=none <&"$1") && [[ -n $line ]]
}

# Send from descriptor $1 until $2 hears it: its join may take a while on a busy machine.
await_heard() {
  local i
  for ((i = 0; i < 100; i++)); do
    printf 'ready\n' >&"$1"
    receive "$2" 0.2 && return 0
  done
  return 1
}

# Message $3 from descriptor $1 to $2; what came before it is skipped.
exchange() {
  printf '%s\n' "$3" >&"$1"
  while receive "$2" 5; do
    [[ $line != *"$3" ]] || return 0
  done
  return 1
}

# Two members for each protocol, which send to each other: $1 the TCP port, $2 the UDP port.
forward() {
  local a b c d i line
  exec {a}<>"/dev/tcp/127.0.0.1/$1" {b}<>"/dev/tcp/127.0.0.1/$1" {c}<>"/dev/udp/127.0.0.1/$2" {d}<>"/dev/udp/127.0.0.1/$2"
  printf 'SOCKETFORWARDER-NEW:train\n' >&"$a"
  printf 'SOCKETFORWARDER-NEW:train\n' >&"$b"
  printf 'SOCKETFORWARDER-NEW:\n' >&"$c"
  printf 'SOCKETFORWARDER-NEW:\n' >&"$d"
  await_heard "$a" "$b" && await_heard "$b" "$a" && await_heard "$c" "$d" || return 1
  for ((i = 0; i < 50; i++)); do
    exchange "$a" "$b" "message $i" && exchange "$b" "$a" "answer $i" && exchange "$c" "$d" "datagram $i" || return 1
  done
  exec {a}>&- {b}>&- {c}>&- {d}>&-
}

# One run, on a port that nothing promises to be free: $reason says what went wrong.
train() {
  local port=$((20000 + RANDOM % 10000)) rc=0
  rm -f "$cache"
  printf 'host-address: 127.0.0.1\ntransports:\n  tcp:\n    port: %d\n  udp:\n    port: %d\n' "$port" "$port" >"$work/train.yaml"
  JDK_JAVA_OPTIONS="'-XX:AOTCacheOutput=$cache'" "$image/bin/socketforwarder" --config "$work/train.yaml" >"$log" 2>&1 &
  pid=$!
  if ! await_ports "$port"; then
    reason='the program does not start'
  elif ! (forward "$port" "$port"); then # a subshell, since a broken pipe ends it
    reason='the program forwards nothing'
  else
    reason=
  fi
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" || rc=$?
  pid=
  if [[ -z $reason ]] && ((rc != 0)); then
    reason="the program stopped with exit code $rc"
  elif [[ -z $reason && ! -s $cache ]]; then
    reason='the JVM wrote none'
  fi
  [[ -z $reason ]]
}

for attempt in 1 2 3; do
  if train; then
    break
  fi
  ((attempt < 3)) || fail "no AOT cache: $reason; see $log"
done

# With AOTMode=on a cache that does not fit is an error.
JDK_JAVA_OPTIONS=-XX:AOTMode=on "$image/bin/socketforwarder" --version >"$work/train-check.log" 2>&1 ||
  fail "the AOT cache does not fit its image: see $work/train-check.log"
