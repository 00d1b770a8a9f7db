#!/bin/sh
# Sends a batch of 1,000, pauses it, resumes it and follows it to delivery; then cancels another one midway: samples/batch.sh [gateway]
set -eu
gateway=${1:-http://localhost:5080}
jobs=$gateway/queue/batch-message-sending/jobs
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# A row for each recipient; var.name is what {{name}} becomes. NDJSON would do as well: {"recipientId":"…","variables":{"name":"…"}}
awk 'BEGIN { print "recipientId,var.name"; for (i = 1; i <= 1000; i++) printf "00000000-0000-4000-8000-%012x,Patient %d\n", i, i }' >"$folder/recipients.csv"

send() { # id; 50 chunks with a pause after each: some ten seconds
  curl -sSf "$jobs" \
    -F 'job={"jobId":"'"$1"'","data":{"batchId":"'"$1"'","senderId":"6f1f5c0e-52d1-4c86-9a3b-1d2c3b4a5e6f","content":"Dear {{name}}, the practice is closed on Monday.","chunkSize":20,"chunkDelay":200}};type=application/json' \
    -F "recipients=@$folder/recipients.csv;type=text/csv"
  echo
}

batch() { curl -sSf "$gateway/batches/$1?limit=0"; }
status() { batch "$1" | grep -o '"status":"[a-z]*"' | head -n 1 | cut -d '"' -f 4; }
number() { batch "$1" | grep -o "\"$2\":[0-9]*" | cut -d : -f 2; }
job_state() { curl -sSf "$jobs/$1" | grep -o '"state":"[a-z]*"' | head -n 1 | cut -d '"' -f 4; }

until_so() { # what, command …: for two minutes at most
  what=$1
  shift
  for _ in $(seq 600); do
    if "$@" 2>/dev/null; then return; fi
    sleep 0.2
  done
  echo "It did not happen that $what." >&2
  exit 1
}

has_sent() { [ "$(number "$1" processedCount)" -ge "$2" ]; }
has_status() { [ "$(status "$1")" = "$2" ]; }
is_waiting_paused() { [ "$(job_state "$1")" = delayed ]; }
is_delivered() { has_status "$1" completed && [ "$(number "$1" onTheWay)" = 0 ]; }

one=00000000-0000-4000-8000-$(printf %012d "$(date +%s)")
send "$one"
until_so 'the first hundred are sent' has_sent "$one" 100
curl -sSf -X POST "$jobs/$one/pause" >"$folder/answer"
until_so 'the batch pauses' is_waiting_paused "$one"
before=$(number "$one" processedCount)
sleep 2
after=$(number "$one" processedCount)
echo "Paused: $before sent, two seconds later $after."
[ "$before" = "$after" ]

curl -sSf -X POST "$jobs/$one/resume" >"$folder/answer"
until_so 'all are delivered' is_delivered "$one"
echo "Completed: $(number "$one" delivered) delivered, $(number "$one" failed) failed."
[ "$(number "$one" delivered)" = 1000 ]

two=00000000-0000-4000-9000-$(printf %012d "$(date +%s)")
send "$two"
until_so 'the first hundred are sent' has_sent "$two" 100
curl -sSf -X POST "$jobs/$two/cancel" >"$folder/answer"
until_so 'the batch is cancelled' has_status "$two" cancelled
echo "Cancelled: $(number "$two" processedCount) of 1000 sent. The first of them:"
curl -sSf "$gateway/batches/$two/recipients?state=sent&limit=2"
echo
[ "$(number "$two" processedCount)" -lt 1000 ]
