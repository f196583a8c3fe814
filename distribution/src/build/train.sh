#!/usr/bin/env bash
# Makes the AOT cache of an image: runs the program as in production, lets it forward, and stops it.
#
#   JAVA_HOME=… train.sh IMAGE WORK
#
# It forwards for some seconds, since the cache also holds profiles of the hot code. With them, production compiles that
# code within its first second of work instead of ten.
# The cache is valid only for the options that it was made with, so the image's own launcher runs here.
set -euo pipefail
# shellcheck source=functions.sh
source "${BASH_SOURCE[0]%/*}/functions.sh"
: "${JAVA_HOME:?}"

image=$1
work=$2
cache=$image/lib/socketforwarder.aot
log=$work/train.log
pid=

trap '[[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true' EXIT

# Waits up to 20 s until the program listens on TCP port $1 and for UDP; fails if it ends before.
await_ports() {
  local i
  for ((i = 0; i < 400; i++)); do
    # The endpoints start side by side, and a datagram that arrives too early is lost.
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && grep --quiet ' udp listening on ' "$log"; then
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# Makes one run, on a port that may be taken; $reason says what went wrong.
train() {
  local port=$((20000 + RANDOM % 10000)) rc=0
  rm -f "$cache"
  cat >"$work/train.yaml" <<END
host-address: 127.0.0.1
transports:
  tcp:
    port: $port
    join-reply: joined
  udp:
    port: $port
  # A plugin, so that loading one is fast. It bridges no group, since the profiles are those of groups without a bridge.
  nats:
    servers: ["nats://127.0.0.1:9"]
    groups: []
END
  JDK_JAVA_OPTIONS="'-XX:AOTCacheOutput=$cache'" "$image/bin/socketforwarder" --config "$work/train.yaml" >"$log" 2>&1 &
  pid=$!
  if ! await_ports "$port"; then
    reason='the program does not start'
  elif ! timeout 120 "$JAVA_HOME/bin/java" "${BASH_SOURCE[0]%/*}/Load.java" "$port" "$port" >>"$log" 2>&1; then
    reason='the program does not forward'
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
