# Functions that the build's scripts share. Sourced, not run.
# shellcheck shell=bash

say() {
  printf '[distribution] %s\n' "$*"
}

fail() {
  printf '[distribution] ERROR: %s\n' "$*" >&2
  exit 1
}

# The templates of plugins, which "plugins --new" writes under other names.
templates=(plugin-template member-template)

# Copies the templates, without what a build of them left, from the examples of the project $1 into the folder $2.
copy_templates() {
  local template
  for template in "${templates[@]}"; do
    mkdir -p "$2/$template"
    cp -R "$1/examples/$template"/{pom.xml,.gitignore,src} "$2/$template"
  done
}
