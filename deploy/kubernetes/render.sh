#!/usr/bin/env bash
# Renders the overlays to rendered/, which is what the tests read and what `kubectl apply -f` takes where there is no kustomize. Needs kubectl or kustomize.
# The first line tells of what it was made, and what was made: a stale or changed file is found without either.
set -euo pipefail
cd "$(dirname "$0")"

if command -v kubectl >/dev/null; then render() { kubectl kustomize "$1"; }
elif command -v kustomize >/dev/null; then render() { kustomize build "$1"; }
else echo "render.sh needs kubectl or kustomize." >&2; exit 1; fi

sum() { sha256sum | cut -d ' ' -f 1; }
mkdir -p rendered
for overlay in development production; do
  sources=$(find base components "overlays/$overlay" -type f | LC_ALL=C sort | xargs sha256sum | sum)
  body=$(render "overlays/$overlay")
  printf '# From sources %s to %s by render.sh; not to be edited.\n%s\n' "$sources" "$(printf '%s\n' "$body" | sum)" "$body" > "rendered/$overlay.yaml"
done
