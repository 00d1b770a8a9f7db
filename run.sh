#!/usr/bin/env bash
# Starts the whole system in one process: all services, each with its sidecar. Needs the .NET SDK and nothing else.
#   ./run.sh                      everything in memory: jobs end with the process
#   ./run.sh --redis [host:port]  on a Redis: jobs outlive the process
#   ./run.sh --help               all options
set -euo pipefail
cd "$(dirname "$0")"
command -v dotnet >/dev/null || { echo "run.sh needs the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2; exit 1; }
# The build says nothing while it works, and the first takes a minute or two.
echo "Building the services (a minute or two the first time, seconds afterwards) …" >&2
exec dotnet run --project src/WhiteCross.Local --configuration Release -- "$@"
