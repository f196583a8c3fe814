#!/usr/bin/env bash
# Assembles the run-time image, its AOT cache and the archives under distribution/target.
#
#   VERSION=… TIMESTAMP=… JAVA_HOME=… assemble.sh MODULE_PATH
#
# MODULE_PATH: the JARs of the program, separated by colons, with a *-sources.jar of picocli among them.
# Except for the AOT cache, two builds of the same source with the same JDK are equal, byte for byte: all files get the
# time from the build's settings, and archives are written in a fixed order with a fixed owner.
set -euo pipefail
# shellcheck source=functions.sh
source "${BASH_SOURCE[0]%/*}/functions.sh"
: "${VERSION:?}" "${TIMESTAMP:?}" "${JAVA_HOME:?}"
umask 022
export LC_ALL=C TZ=UTC

distribution=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
root=${distribution%/*}
target=$distribution/target
work=$target/work
image=$target/socketforwarder
runtime=$image/lib/runtime
modules=dev.socketforwarder.runtime,dev.socketforwarder.transport.tcp,dev.socketforwarder.transport.udp,org.apache.logging.log4j.jpl
# The JDK modules that plugins commonly require. The launcher has the same list, since linking does not resolve them.
modules+=,java.management,java.naming,java.net.http,java.sql,jdk.httpserver,jdk.unsupported

# Collects the unchanged JARs: the module path of the platform-independent archive, and the plugins that ship with it.
collect_jars() {
  local path
  mkdir -p "$work/jars" "$work/plugins/transport-nats" "$work/plugins/transport-websocket"
  IFS=: read -ra paths <<<"$1"
  for path in "${paths[@]}"; do
    case $path in
      */picocli-*-sources.jar) picocli_sources=$path ;;
      */transport-nats-*.jar | */jnats-*.jar) cp "$path" "$work/plugins/transport-nats" ;;
      */transport-websocket-*.jar | */netty-*.jar) cp "$path" "$work/plugins/transport-websocket" ;;
      *.jar) cp "$path" "$work/jars" ;;
    esac
  done
  [[ -n ${picocli_sources-} ]] || fail "no sources of picocli on the module path: see distribution/pom.xml"
}

# picocli is published for Java 5. The AOT cache takes no classes that old, so each start would load and verify 170 of
# them, a third of its time. Compiled for this Java, its unchanged sources are cached like all others.
compile_picocli() {
  local sources=$work/picocli-sources version
  version=$(basename "$picocli_sources" -sources.jar)
  version=${version#picocli-}
  mkdir -p "$sources"
  (cd "$sources" && "$JAVA_HOME/bin/jar" --extract --file "$picocli_sources" picocli)
  echo 'module info.picocli { requires static java.sql; exports picocli; }' >"$sources/module-info.java"
  "$JAVA_HOME/bin/javac" -nowarn -Xlint:none -proc:none -g --release 25 --module-version "$version" \
    -d "$work/modules/info.picocli" "$sources/module-info.java" "$sources"/picocli/*.java 2>"$work/picocli.log" ||
    fail "picocli does not compile: $(cat "$work/picocli.log")"
  cp "$work"/jars/*.jar "$work/modules"
  rm "$work"/modules/picocli-*.jar
}

# Prometheus's libraries have no module descriptors, which jlink demands.
describe_prometheus() {
  describe io.prometheus.metrics.config prometheus-metrics-config
  describe io.prometheus.metrics.model prometheus-metrics-model 'requires transitive io.prometheus.metrics.config;'
  describe io.prometheus.writer.text prometheus-metrics-exposition-textformats \
    'requires transitive io.prometheus.metrics.model;'
}

# Adds a descriptor to a JAR: module $1, which exports all its packages; $2 begins the JAR's name, $3 is what it requires.
describe() {
  local jar packages sources=$work/descriptors/$1
  jar=$(echo "$work"/modules/"$2"-[0-9]*.jar)
  mkdir -p "$sources"
  packages=$("$JAVA_HOME/bin/jar" --list --file "$jar" | sed -n 's,/[^/]*[.]class$,,p' | sort -u | tr / .)
  {
    echo "module $1 {"
    echo "  ${3-}"
    sed 's/.*/  exports &;/' <<<"$packages"
    echo "}"
  } >"$sources/module-info.java"
  "$JAVA_HOME/bin/javac" -nowarn -Xlint:none --release 25 --module-path "$work/modules" --patch-module "$1=$jar" \
    -d "$sources" "$sources/module-info.java" >"$work/describe.log" 2>&1 ||
    fail "$jar gets no module descriptor: $(cat "$work/describe.log")"
  "$JAVA_HOME/bin/jar" --update --date "$TIMESTAMP" --file "$jar" -C "$sources" module-info.class
}

# Prints the pattern for the classes of java.desktop to leave out. log4j-core needs the module only for its bean events;
# of its other packages jlink demands one class each.
desktop_leftovers() {
  "$JAVA_HOME/bin/jimage" list --include 'regex:/java.desktop/.*' "$JAVA_HOME/lib/modules" | awk '
    /^    / {
      package = $1
      sub("/[^/]*$", "", package)
      if (package ~ "^(java|com/sun)/beans" || !(package in seen)) {
        seen[package] = 1
        name = $1
        gsub("[.$]", "[&]", name)
        kept = kept (kept == "" ? "" : "|") name
      }
    }
    END { print "regex:/java[.]desktop/(?!(" kept ")$).*" }'
}

link_runtime() {
  desktop_leftovers >"$work/leave-out"
  "$JAVA_HOME/bin/jlink" --module-path "$work/modules" --add-modules "$modules" --output "$runtime" \
    --compress zip-9 --vm server --no-header-files --no-man-pages --strip-native-debug-symbols exclude-debuginfo-files \
    --exclude-resources "@$work/leave-out" \
    --exclude-files '/java.desktop/**,**/jrunscript,**/keytool,**/rmiregistry,**/classlist,**/jrt-fs.jar,**/jexec'
}

# Collects the licences: the program's own, the list of the libraries' that Maven made, and the texts in the libraries.
collect_legal() {
  local jar name texts
  mkdir -p "$work/legal"
  cp "$root/LICENSE" "$target/generated-sources/license/THIRD-PARTY.txt" "$work/legal"
  for jar in "$work"/jars/*.jar "$work"/plugins/*/*.jar; do
    name=$(basename "$jar" .jar)
    mapfile -t texts < <("$JAVA_HOME/bin/jar" --list --file "$jar" | grep -E '^META-INF/[^/]*(LICENSE|NOTICE)[^/]*$')
    ((${#texts[@]} > 0)) || continue
    mkdir -p "$work/legal/$name"
    (cd "$work/legal/$name" && "$JAVA_HOME/bin/jar" --extract --file "$jar" "${texts[@]}")
    mv "$work/legal/$name"/META-INF/* "$work/legal/$name"
    rmdir "$work/legal/$name/META-INF"
  done
}

# Adds to the folder $1 what every form of the program has beside its code.
add_common_files() {
  cp -R "$distribution/src/image/." "$1"
  cp -R "$work/legal" "$1"
  cp -R "$work/plugins" "$1/lib"
  cp -R "$root"/{README,CHANGELOG,CONTRIBUTING,SECURITY}.md "$root"/{LICENSE,docs,monitoring} "$1"
  mkdir "$1/examples"
  cp -R "$root/examples/cluster" "$1/examples"
  copy_templates "$root" "$1/examples"
  mend_links "$1"
}

# Lets the documents in the folder $1 link to what is there. Links to sources become text.
mend_links() {
  local modules='forwarder-|transport-|plugins/transport-|integration-tests|distribution|benchmarks|script|pom[.]xml|[.]ci'
  find "$1" -maxdepth 2 -name '*.md' -exec sed --in-place --regexp-extended \
    -e 's,\]\((\.\./)?distribution/src/image/,](\1,g' \
    -e "s,\[([^]]*)\]\((\.\./)?($modules)[^)]*\),\1,g" {} +
}

# Gives all files the same time. Must precede the AOT cache, which remembers the time of lib/modules.
settle() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch --no-dereference --date="$TIMESTAMP" {} +
}

# Packs the folder $1; $2 follows the version in the archive's name.
pack() {
  local name=socketforwarder-$VERSION
  tar --create --directory "$(dirname "$1")" --transform "flags=r;s,^$(basename "$1"),$name," \
    --sort=name --format=gnu --mtime="$TIMESTAMP" --owner=0 --group=0 --numeric-owner "$(basename "$1")" |
    gzip --no-name >"$target/$name-$2.tar.gz"
}

size() {
  du --summarize --apparent-size --block-size=1000 "$1" | awk '{ printf "%.1f MB", $1 / 1000 }'
}

rm -rf "$work" "$image" "$target"/socketforwarder-*.tar.gz
mkdir -p "$work/modules" "$image/lib"

collect_jars "$1"
compile_picocli
describe_prometheus
collect_legal
link_runtime
add_common_files "$image"
mv "$runtime/legal" "$image/legal/java"
settle "$image"
say "image: $(size "$image") without its cache"

"$distribution/src/build/train.sh" "$image" "$work"
settle "$image"
say "image: $(size "$image") with its cache: $image"

any=$work/any
mkdir -p "$any/lib"
cp "$work"/jars/*.jar "$any/lib"
add_common_files "$any"
settle "$any"
pack "$any" any
pack "$image" "linux-$(uname -m)"
for archive in "$target"/socketforwarder-*.tar.gz; do
  say "archive: $(size "$archive"): $archive"
done
