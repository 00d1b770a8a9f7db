#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version: the notes of its release. A version without a section there is not released.
#   deploy/changelog.sh v1.2.3
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?deploy/changelog.sh needs the version, such as v1.2.3.}
notes=$(VERSION="${version#v}" awk '/^## / { on = ($2 == ENVIRON["VERSION"]); next } on' CHANGELOG.md)
[ -n "${notes//[[:space:]]/}" ] || { echo "CHANGELOG.md has no section '## ${version#v}': name what is under Unreleased so before you tag." >&2; exit 1; }
printf '%s\n' "$notes"
