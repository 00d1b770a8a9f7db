#!/usr/bin/env bash
# Prints the production overlay with our images by digest: by-digest.sh <registry> <folder>. The folder has a file for each image, with its digest.
set -euo pipefail
registry=$1 digests=$(cd "$2" && pwd)
cd "$(dirname "$0")"

if command -v kubectl >/dev/null; then render() { kubectl kustomize "$1"; }
elif command -v kustomize >/dev/null; then render() { kustomize build "$1"; }
else echo "by-digest.sh needs kubectl or kustomize." >&2; exit 1; fi

overlay=$(mktemp -d overlays/by-digest.XXXXXX)
trap 'rm -rf "$overlay"' EXIT
{
  printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ../production\nimages:\n'
  sed -n 's/^- { name: whitecross\/\([a-z-]*\), newName: \([^,]*\),.*/\1 \2/p' overlays/production/kustomization.yaml | while read -r image name; do
    digest=$(cat "$digests/$image")
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "$digests/$image has no digest." >&2; exit 1; }
    printf -- '- { name: %s, newName: %s/%s, digest: "%s" }\n' "$name" "$registry" "$image" "$digest"
  done
} > "$overlay/kustomization.yaml"
render "$overlay"
