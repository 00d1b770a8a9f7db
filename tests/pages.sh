#!/usr/bin/env bash
# Is docs/adding-a-job-type.md true? Does on a copy of the repository what the page says, word for word: makes its two files, adds its two lines, accepts the new shape and
# writes the reference, which then passes its tests; starts everything in one process, adds a job of the new type as the page does, and looks whether it completed with the
# result that the page tells. The repository itself is not touched.
#   tests/pages.sh
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
copy=$(mktemp -d)
running=
finish() {
  [ -z "$running" ] || { kill "$running" 2>/dev/null || true; wait "$running" 2>/dev/null || true; }
  rm -rf "$copy"
}
trap finish EXIT
git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$copy"
cd "$copy"
page=docs/adding-a-job-type.md

# The n-th block of code of the page in a language, without the indentation of its list.
block() { # n [language]
  awk -v n="$1" -v head="^ *\`\`\`${2:-csharp}$" '$0 ~ head { if (++i == n) { on = 1; match($0, /^ */); indent = RLENGTH; next } } /^ *```$/ { on = 0 } on { print substr($0, indent + 1) }' "$page"
}

# Puts a line below the last one that holds a text, before the semicolon that ends the chain.
chain() { # file text line
  FILE="$1" TEXT="$2" LINE="$3" perl -0pi -e 's/^(\s*)(\Q$ENV{TEXT}\E[^\n]*?)(;?)\n(?!\s*\Q$ENV{TEXT}\E)/$1$2\n$1$ENV{LINE}$3\n/m or die "$ENV{FILE} has no line that begins with $ENV{TEXT}\n"' "$1"
}

echo "Two files and two lines …"
block 1 >src/WhiteCross.Jobs.Contracts/Delivery/CountConversationJob.cs
block 2 >services/MessageDelivery/Handling/CountConversationHandler.cs
chain src/WhiteCross.Jobs.Contracts/JobTypeRegistry.cs '.With<' "$(block 3)"
chain services/MessageDelivery/MessageDeliveryApp.cs '.AddJob<' "$(block 4)"
diff -r --brief -x bin -x obj -x .git . "$OLDPWD" | sed 's/^/  /' || true

echo "Building …"
for project in tests/WhiteCross.Jobs.Contracts.Tests tests/WhiteCross.EndToEnd.Tests; do # All that the page builds is below these two.
  dotnet build $project -v q --nologo -clp:ErrorsOnly
done

echo "Accepting its shape, and writing the reference …"
commands=$(block 2 sh)
[ "$(wc -l <<<"$commands")" = 3 ] || { echo "Step 4 is no longer three commands; teach this what they are." >&2; exit 1; }
while IFS= read -r command; do
  bash -c "$command" >"$copy/command.log" 2>&1 </dev/null && status=0 || status=$?
  case $command in
    ACCEPT_*) wanted=failure ;;
    *) wanted=success ;;
  esac
  if [ $wanted = success ] && [ $status != 0 ] || [ $wanted = failure ] && [ $status = 0 ]; then
    cat "$copy/command.log" >&2
    echo "$command: the page promises $wanted; it ended with $status." >&2
    exit 1
  fi
done <<<"$commands"
grep -q '"CountConversationJob"' tests/WhiteCross.Jobs.Contracts.Tests/ContractShapes.json || { echo "ContractShapes.json has no CountConversationJob." >&2; exit 1; }
grep -q '^| `messages` | whole number | How many messages the conversation has. |$' docs/reference/job-types.md || { echo "docs/reference/job-types.md does not tell the result." >&2; exit 1; }
dotnet exec tests/WhiteCross.EndToEnd.Tests/bin/Debug/net10.0/WhiteCross.EndToEnd.Tests.dll --filter-class '*.ReferenceTests' --progress off >"$copy/command.log" 2>&1 ||
  { cat "$copy/command.log" >&2; exit 1; }

echo "Running …"
dotnet run --no-build --project src/WhiteCross.Local -- --port 0 --sidecar-http-port 0 --sidecar-grpc-port 0 --data "$copy/data" >"$copy/local.log" 2>&1 &
running=$!
for _ in $(seq 240); do
  gateway=$(grep -o 'http://localhost:[0-9]*' "$copy/local.log" | head -1 || true)
  [ -z "$gateway" ] || ! curl -fsS "$gateway/readyz" >/dev/null 2>&1 || break
  kill -0 "$running" 2>/dev/null || { cat "$copy/local.log" >&2; exit 1; }
  sleep 0.5
done
data=$(grep -o "\-d '[^']*'" "$page" | head -1 | cut -d"'" -f2)
curl -fsS -X POST "$gateway/queue/message-delivery/jobs" -H 'content-type: application/json' -d "$data" >/dev/null
wanted=$(grep -o '# "state":.*' "$page" | cut -c3-)
for _ in $(seq 120); do
  record=$(curl -fsS "$gateway/queue/message-delivery/jobs/count-1")
  case $record in *'"state":"completed"'* | *'"state":"failed"'*) break ;; esac
  sleep 0.5
done
for part in '"state":"completed"' "${wanted#*,}"; do
  case $record in *"$part"*) ;; *) echo "The page promises $wanted; the job is: $record" >&2; exit 1 ;; esac
done
echo "The page is true: $wanted"
