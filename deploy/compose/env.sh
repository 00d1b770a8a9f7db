#!/usr/bin/env bash
# Makes deploy/compose/.env, which compose.yaml reads: random passwords, tokens and keys, for its owner to read only. Run it once: new keys cannot read what the
# old ones have sealed and encrypted, so a file that is there is left alone.
#   deploy/compose/env.sh [file]
set -euo pipefail
cd "$(dirname "$0")"
file=${1:-.env}
[ ! -e "$file" ] || { echo "$file is there already and is kept: its keys are needed for what they have encrypted." >&2; exit 1; }
plain() { head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
umask 077
cat > "$file" <<EOF
REDIS_PASSWORD=$(plain)
POSTGRES_PASSWORD=$(plain)
DAPR_API_TOKEN=$(plain)
APP_API_TOKEN=$(plain)
ADMIN_KEY=$(plain)
SECRET_JOB_KEYS='{"current": "1", "keys": {"1": "$(key)"}, "hash": "$(key)"}'
SECRET_MESSAGE_KEYS='{"current": "1", "keys": {"1": "$(key)"}}'
EOF
echo "Made $(realpath "$file"). Keep it. The key for wc and the dashboard is ADMIN_KEY."
