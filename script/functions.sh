# Functions that the scripts in this folder share. Sourced, not run.
# shellcheck shell=bash

# shellcheck disable=SC2034 # for the scripts that source this
root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)

# Both write to standard error, since standard output belongs to the program and the tests.
say() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

fail() {
  printf '%s: ERROR: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Whether the script may install packages, and can: as root, with apt-get.
can_install() {
  [[ -z ${no_install-} ]] && ((EUID == 0)) && command -v apt-get >/dev/null
}

# Installs the named packages without starting their services.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made='' rc=0 log
  log=$(mktemp)
  say "installing with apt-get: $*"
  if [[ ! -e $policy ]]; then
    made=$policy
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  {
    DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
      DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@"
  } </dev/null >"$log" 2>&1 || rc=$?
  [[ -z $made ]] || rm -f "$made"
  ((rc == 0)) || {
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get did not install $*: see above"
  }
  rm -f "$log"
}

# Whether the folder $1 is a JDK of version 25 or later, complete enough to build with.
is_jdk() {
  local version
  [[ -x $1/bin/javac && -x $1/bin/jlink && -x $1/bin/jimage ]] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || true)
  [[ -n $version ]] && ((version >= 25))
}

# Exports JAVA_HOME: a JDK 25 from JAVA_HOME, PATH, or the usual folders of distributions.
find_jdk() {
  local javac candidate
  javac=$(type -P javac || true)
  if [[ -n $javac ]]; then
    javac=$(readlink -f "$javac")
  fi
  for candidate in "${JAVA_HOME-}" "${javac%/bin/javac}" /usr/lib/jvm/* /opt/java/*; do
    if is_jdk "$candidate"; then
      export JAVA_HOME=$candidate
      return 0
    fi
  done
  return 1
}

# Exports what a build needs: JAVA_HOME, and MAVEN_OPTS that silence warnings of Maven's own libraries.
prepare_build() {
  if ! find_jdk; then
    if can_install && [[ -n $(apt-cache --names-only search '^openjdk-25-jdk-headless$') ]]; then
      install_packages openjdk-25-jdk-headless
    fi
    find_jdk || fail "no JDK 25 found: install one, and set JAVA_HOME if it is not under /usr/lib/jvm"
  fi
  if ! command -v mvn >/dev/null; then
    can_install || fail "no mvn found: install Maven 3.8 or later, package maven"
    install_packages maven
  fi
  export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS-}"
}

# Prepares the network tests. Their hosts are namespaces that live as long as a process of the tests, and touch nothing outside.
prepare_network() {
  local packages=() log
  command -v unshare >/dev/null && command -v nsenter >/dev/null || packages+=(util-linux)
  command -v ip >/dev/null && command -v tc >/dev/null || packages+=(iproute2)
  command -v nft >/dev/null || packages+=(nftables)
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || packages+=(faketime)
  if ((${#packages[@]} > 0)); then
    can_install || fail "the network tests need ${packages[*]}: install them, or skip these tests with --no-network"
    install_packages "${packages[@]}"
  fi
  log=$(mktemp)
  unshare --net sh -c 'ip link add one type veth peer name other && nft list tables' >/dev/null 2>"$log" || {
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "cannot make a network namespace with veth devices and nft (see above): run this as root, or skip the" \
      "network tests with --no-network"
  }
  rm -f "$log"
}
