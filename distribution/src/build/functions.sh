# Functions that the build's scripts share. Sourced, not run.
# shellcheck shell=bash

say() {
  printf '[distribution] %s\n' "$*"
}

fail() {
  printf '[distribution] ERROR: %s\n' "$*" >&2
  exit 1
}
