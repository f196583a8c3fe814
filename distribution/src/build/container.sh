#!/usr/bin/env bash
# Builds the container image from the assembled distribution.
#
#   container.sh TAG
set -euo pipefail
# shellcheck source=functions.sh
source "${BASH_SOURCE[0]%/*}/functions.sh"

distribution=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
log=$distribution/target/container.log

[[ -x $distribution/target/socketforwarder/bin/socketforwarder ]] ||
  fail "distribution/target/socketforwarder is missing: build it with mvn package"
if ! docker version >"$log" 2>&1; then
  fail "the container tests need a Docker engine, and none answers: use script/test, which starts one, or give -DskipContainerTests"
fi
docker build --tag "$1" "$distribution" >"$log" 2>&1 || {
  cat "$log" >&2
  fail "the container image was not built: see above"
}
say "container image: $1"
