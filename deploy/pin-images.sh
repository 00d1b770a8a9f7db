#!/usr/bin/env bash
# Names images by the digest that their tag has now: `redis:7.4-alpine` becomes `redis:7.4-alpine@sha256:…`, and a digest that is there is renewed.
#   deploy/pin-images.sh            the base images of deploy/Dockerfile and the images of the development overlay, and the checksums of the Dapr CLI
#   deploy/pin-images.sh <file>…    the images of these files
# Needs docker with buildx, and the network. A release does it for its base images; Dependabot then renews what is committed.
set -euo pipefail
cd "$(dirname "$0")/.."

dapr_cli=1.18.0
files=("$@")
[ $# -gt 0 ] || files=(deploy/Dockerfile deploy/kubernetes/overlays/development/redis.yaml deploy/kubernetes/overlays/development/postgres.yaml)
# "FROM [--platform=…] image [AS name]" and "image: name:tag", without what is ours or a stage.
references() { sed -nE 's/^FROM (--platform=[^ ]+ )?([^ ]+[:\/][^ ]+).*/\2/p; s/^ *(- )?image: ([^ ]+:[^ ]+)$/\2/p' "$1" | grep -v '^whitecross/' | sort -u; }
digest() { docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"; }

for file in "${files[@]}"; do
  # The Dockerfile's tags have its argument in them.
  dotnet=$(sed -n 's/^ARG DOTNET=//p' "$file")
  for reference in $(references "$file"); do
    tag=${reference%@*}
    pinned=$tag@$(digest "${tag//'${DOTNET}'/$dotnet}")
    escaped=$(printf '%s' "$reference" | sed 's/[][\.*^$]/\\&/g')
    sed -i "s#$escaped\( \|\$\)#$pinned\1#" "$file"
    echo "$file: $pinned"
  done
done

if [ $# = 0 ]; then
  for arch in amd64 arm64; do
    archive=dapr_linux_$arch.tar.gz
    echo "$(curl -fsSL --proto =https "https://github.com/dapr/cli/releases/download/v$dapr_cli/$archive.sha256" | cut -d ' ' -f 1)  $dapr_cli/$archive"
  done > deploy/dapr-cli.sha256
  deploy/kubernetes/render.sh
fi
