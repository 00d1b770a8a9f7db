#!/usr/bin/env bash
# Installs the Dapr CLI from its release: deploy/install-dapr.sh <version> <folder>. The archive must have the checksum of deploy/dapr-cli.sha256 where that
# names it (deploy/pin-images.sh writes it), and in any case the one that is published beside it.
set -euo pipefail
version=$1 folder=$2
case $(uname -m) in x86_64) arch=amd64 ;; aarch64|arm64) arch=arm64 ;; *) echo "There is no Dapr CLI for $(uname -m)." >&2; exit 1 ;; esac
archive=dapr_linux_$arch.tar.gz
release=https://github.com/dapr/cli/releases/download/v$version
pins=$(cd "$(dirname "$0")" && pwd)/dapr-cli.sha256

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl -fsSL --proto =https --tlsv1.2 -o "$work/$archive" "$release/$archive"
curl -fsSL --proto =https --tlsv1.2 -o "$work/published" "$release/$archive.sha256"
sum=$(sha256sum "$work/$archive" | cut -d ' ' -f 1)
[ "$sum" = "$(cut -d ' ' -f 1 "$work/published")" ] || { echo "$archive of $version is not what its release says." >&2; exit 1; }
pinned=$([ ! -f "$pins" ] || sed -n "s/^\([0-9a-f]\{64\}\)  $version\/$archive\$/\1/p" "$pins")
[ -z "$pinned" ] || [ "$sum" = "$pinned" ] || { echo "$archive of $version is not what $pins says." >&2; exit 1; }
mkdir -p "$folder"
tar -xzf "$work/$archive" -C "$folder" dapr
