#!/usr/bin/env bash
# Packs the kit for authors of plugins: socketforwarder-plugin-kit-VERSION.zip.
#
#   VERSION=… API_VERSION=… JUNIT_VERSION=… JACKSON_VERSION=… TIMESTAMP=… JAVA_HOME=… kit.sh MODULE_PATH
#
# MODULE_PATH: JARs, separated by colons, among them those that the test kit requires. The kit holds the templates of
# plugins, and a folder that is a Maven repository with the API and the test kit, their sources and Javadoc. Two builds of
# the same source with the same JDK are equal, byte for byte.
set -euo pipefail
# shellcheck source=functions.sh
source "${BASH_SOURCE[0]%/*}/functions.sh"
: "${VERSION:?}" "${API_VERSION:?}" "${JUNIT_VERSION:?}" "${JACKSON_VERSION:?}" "${TIMESTAMP:?}" "${JAVA_HOME:?}"
umask 022
export LC_ALL=C TZ=UTC

distribution=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
root=${distribution%/*}
name=socketforwarder-plugin-kit-$VERSION
work=$distribution/target/kit
kit=$work/$name

# Makes the archive $1 of all files under the folder $2, in a fixed order and with the same time.
archive() {
  (cd "$2" && find . -type f | sed 's,^\./,,' | sort >"$work/list" &&
    "$JAVA_HOME/bin/jar" --create --file "$1" --no-manifest --date="$TIMESTAMP" "@$work/list")
}

# Prints the part of the module path that javadoc needs: the API, and the part of JUnit that the test kit exposes.
documented_path() {
  local path paths found=$root/forwarder-api/target/forwarder-api-$API_VERSION.jar
  IFS=: read -ra paths <<<"$1"
  for path in "${paths[@]}"; do
    case ${path##*/} in
      junit-jupiter-api-* | junit-platform-commons-* | opentest4j-* | apiguardian-* | jspecify-*) found+=:$path ;;
    esac
  done
  printf '%s\n' "$found"
}

# Publishes the module $1 of the folder $2 in version $3; $4 is the dependencies in its POM.
publish() {
  local module=$1 artifact=$2 version=$3 folder
  folder=$kit/repository/dev/socketforwarder/$artifact/$version
  mkdir -p "$folder"
  cp "$root/$artifact/target/$artifact-$version.jar" "$folder"
  archive "$folder/$artifact-$version-sources.jar" "$root/$artifact/src/main/java"
  "$JAVA_HOME/bin/javadoc" -quiet -notimestamp --no-fonts -Xdoclint:all -Werror --release 25 -encoding UTF-8 \
    --module-path "$module_path" --module-source-path "$module=$root/$artifact/src/main/java" --module "$module" \
    -d "$work/javadoc-$artifact" 2>"$work/javadoc.log" || fail "javadoc of $artifact: $(cat "$work/javadoc.log")"
  archive "$folder/$artifact-$version-javadoc.jar" "$work/javadoc-$artifact"
  cat >"$folder/$artifact-$version.pom" <<POM
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.socketforwarder</groupId>
  <artifactId>$artifact</artifactId>
  <version>$version</version>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
    </license>
  </licenses>
$4</project>
POM
  # Maven warns about files without a checksum.
  local file
  for file in "$folder"/*; do
    sha1sum "$file" | cut -c 1-40 >"$file.sha1"
  done
}

dependency() {
  printf '    <dependency>\n      <groupId>%s</groupId>\n      <artifactId>%s</artifactId>\n      <version>%s</version>\n    </dependency>\n' "$@"
}

check_template() {
  local line pom=$root/examples/$1/pom.xml
  for line in "<kit>\${project.basedir}/../$name</kit>" \
    "<forwarder-api.version>$API_VERSION</forwarder-api.version>" \
    "<forwarder-testkit.version>$VERSION</forwarder-testkit.version>" "<version>$JUNIT_VERSION</version>"; do
    grep --quiet --fixed-strings "$line" "$pom" ||
      fail "$pom has other versions: it lacks $line"
  done
}

check_document() {
  grep --quiet --fixed-strings "jar xf $name.zip" "$root/docs/PLUGINS.md" ||
    fail "docs/PLUGINS.md has another version: it does not unpack $name.zip"
  # The library of its example, which a test uses: the build has this version at hand.
  grep --quiet --fixed-strings "<version>$JACKSON_VERSION</version>" "$root/docs/PLUGINS.md" ||
    fail "docs/PLUGINS.md has another version of Jackson than $JACKSON_VERSION"
}

rm -rf "$work" "$distribution/target"/socketforwarder-plugin-kit-*.zip
mkdir -p "$kit"
for template in "${templates[@]}"; do
  check_template "$template"
done
check_document
module_path=$(documented_path "$1")
publish dev.socketforwarder.api forwarder-api "$API_VERSION" ''
publish dev.socketforwarder.testkit forwarder-testkit "$VERSION" "  <dependencies>
$(dependency dev.socketforwarder forwarder-api "$API_VERSION")
$(dependency org.junit.jupiter junit-jupiter-api "$JUNIT_VERSION")
  </dependencies>
"
copy_templates "$root" "$kit"
cp "$root/docs/PLUGINS.md" "$root/LICENSE" "$kit"
(cd "$work" && find "$name" -type f | sort >list &&
  "$JAVA_HOME/bin/jar" --create --file "$distribution/target/$name.zip" --no-manifest --date="$TIMESTAMP" @list)
say "plugin kit: $distribution/target/$name.zip"
