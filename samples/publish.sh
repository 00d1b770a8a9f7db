#!/usr/bin/env bash
# Adds a job by HTTP and waits for its end, with curl and nothing else.
#   samples/publish.sh [http://localhost:5080]
set -euo pipefail
gateway=${1:-http://localhost:5080}
answer=$(curl -fsS -X POST "$gateway/queue/message-delivery/jobs" -H 'content-type: application/json' -d @"$(dirname "$0")/send-message.json")
job=$(sed -E 's/.*"jobId":"([^"]+)".*/\1/' <<<"$answer")
curl -fsSN "$gateway/queue/message-delivery/jobs/$job/events" # the job's changes, until it has ended
