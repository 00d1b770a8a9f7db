#!/usr/bin/env bash
# Adds a job to a running system and waits until it is completed. The gateway's address: the first argument, else http://localhost:5080.
set -euo pipefail
cd "$(dirname "$0")/.."
gateway=${1:-http://localhost:5080}

until curl -fsS "$gateway/readyz" >/dev/null 2>&1; do
  [ $((waited=${waited:-0} + 1)) -le 120 ] || { echo "The gateway at $gateway is not ready after two minutes." >&2; exit 1; }
  sleep 1
done

location=$(curl -fsS -D - -o /dev/null -X POST "$gateway/queue/message-delivery/jobs" -H 'content-type: application/json' -d @samples/send-message.json \
  | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
case $location in http*) ;; *) location=$gateway$location ;; esac
for _ in $(seq 60); do
  job=$(curl -fsS "$location")
  case $job in
    *'"state":"completed"'*) echo "Completed: $location"; exit 0 ;;
    *'"state":"failed"'*) echo "Failed: $job" >&2; exit 1 ;;
  esac
  sleep 1
done
echo "Not completed after a minute: $job" >&2
exit 1
