#!/usr/bin/env bash
# Prints the Secrets that the manifests refer to, with new random passwords, tokens and keys:
#   deploy/kubernetes/secrets.sh | kubectl apply -f -                       for the development overlay
#   deploy/kubernetes/secrets.sh redis.example postgres.example [redis's port]
#       for a Redis and a PostgreSQL from outside, by TLS; their passwords from REDIS_PASSWORD and POSTGRES_PASSWORD, their users from
#       REDIS_USERNAME (default) and POSTGRES_USER (postgres)
# Run it once: new keys cannot read what the old ones have encrypted. In production an operator of external secrets may make the same ones instead.
set -euo pipefail

redis=${1:-redis} postgres=${2:-postgres} redis_port=${3:-6379}
tls=true sslmode="SSL Mode=VerifyFull"
[ $# -gt 0 ] || { tls=false sslmode="SSL Mode=Disable"; }

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
plain() { head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
quote() { printf "'%s'" "${1//\'/\'\'}"; }

redis_user=${REDIS_USERNAME:-default} redis_password=${REDIS_PASSWORD:-$(plain)}
case $redis_user$redis_password in *,*) echo "A comma in REDIS_USERNAME or REDIS_PASSWORD cannot be told in a connection string; choose another." >&2; exit 1 ;; esac
postgres_user=${POSTGRES_USER:-postgres} postgres_password=${POSTGRES_PASSWORD:-$(plain)}
database() { echo "Host=$postgres;Database=$1;Username=$postgres_user;Password=\"${postgres_password//\"/\"\"}\";$sslmode"; }
key=$(date -u +%Y-%m)

command -v openssl >/dev/null || { echo "secrets.sh needs openssl." >&2; exit 1; }
# TLS inside the cluster: an authority that signs one certificate and is forgotten, for a year. Where cert-manager is, it makes and renews this one: docs/deploy.md.
names=DNS:queue-gateway,DNS:message-delivery,DNS:message-notification,DNS:message-indexing,DNS:batch-message-sending
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=whitecross $key" -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=whitecross -keyout "$work/tls.key" -out "$work/tls.csr" 2>/dev/null
printf 'subjectAltName=%s,%s\nextendedKeyUsage=serverAuth\n' "$names" "$(echo "$names" | sed 's/DNS:\([a-z-]*\)/DNS:\1.whitecross.svc/g')" > "$work/names"
openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 365 -extfile "$work/names" -out "$work/tls.crt" 2>/dev/null
indented() { sed 's/^/    /' "$work/$1"; }

cat <<EOF
apiVersion: v1
kind: Secret
metadata: { name: redis, namespace: whitecross }
stringData:
  address: $(quote "$redis:$redis_port")
  username: $(quote "$redis_user")
  password: $(quote "$redis_password")
  connection: $(quote "$redis:$redis_port,user=$redis_user,password=$redis_password,ssl=$tls")
---
apiVersion: v1
kind: Secret
metadata: { name: postgres, namespace: whitecross }
stringData:
  password: $(quote "$postgres_password")
  messages: $(quote "$(database messages)")
  search: $(quote "$(database search)")
  notifications: $(quote "$(database notifications)")
---
apiVersion: v1
kind: Secret
metadata: { name: dapr-api-token, namespace: whitecross }
stringData: { token: "$(plain)" }
---
apiVersion: v1
kind: Secret
metadata: { name: dapr-app-token, namespace: whitecross }
stringData: { token: "$(plain)" }
---
apiVersion: v1
kind: Secret
metadata: { name: queue-gateway-keys, namespace: whitecross }
stringData:
  viewer: "$(plain)"
  operator: "$(plain)"
  admin: "$(plain)"
  metrics: "$(plain)"
---
apiVersion: v1
kind: Secret
metadata: { name: job-keys, namespace: whitecross }
stringData:
  job-keys: '{"current": "$key", "keys": {"$key": "$(random 32)"}, "hash": "$(random 32)"}'
---
apiVersion: v1
kind: Secret
metadata: { name: message-keys, namespace: whitecross }
stringData:
  message-keys: '{"current": "$key", "keys": {"$key": "$(random 32)"}}'
---
apiVersion: v1
kind: Secret
metadata: { name: services-tls, namespace: whitecross }
type: kubernetes.io/tls
stringData:
  tls.crt: |
$(indented tls.crt)
  tls.key: |
$(indented tls.key)
  ca.crt: |
$(indented ca.crt)
EOF
