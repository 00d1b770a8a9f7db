#!/usr/bin/env bash
# Builds everything and runs all tests. What they need is found or, where this may be done, installed from Debian:
#   Redis       TEST_REDIS=host:port, else redis-server on the PATH, else Debian's redis-server, else Testcontainers where there is Docker
#   PostgreSQL  TEST_POSTGRES=<connection string>, else initdb and pg_ctl, else Debian's postgresql, else Testcontainers
#   Chromium    TEST_CHROMIUM=<path>, else chromium-headless-shell, chromium or Chrome on the PATH, else Debian's chromium-headless-shell or chromium
# They are started on free ports, one of each for the whole run, and stopped. TEST_RESULTS=<folder> keeps the modules' reports (xUnit's XML) and output.
#   ./test.sh [--no-build] [--long]      everything: several test projects at once, then by themselves those that measure time; at the end the slowest tests
#                                        and the totals. --long: random tests with many more cases, as CI runs them every night
#   ./test.sh [--no-build] [--long] NAME…
#                                        only these, such as Gateway Jobs.Redis for tests/WhiteCross.Gateway.Tests and tests/WhiteCross.Jobs.Redis.Tests
#   ./test.sh --processes                what the system does with every service and sidecar a process of its own, as dapr.yaml says
#   ./test.sh --dapr                     the same, and the conformance suite, on real Dapr: the daprd of DAPRD_PATH, of the PATH, or of ~/.dapr/bin.
#                                        DAPR_PLACEMENT and DAPR_SCHEDULER (host:port) where these run; else the executables beside daprd are started
#   ./test.sh --rolling                  restarts every service ten times under 200 jobs a second; with DAPRD_PATH set, on daprd
#   ./test.sh --chaos [--seed N] [--minutes M]
#                                        faults on separate processes for minutes (5), then a proof that no job was lost or run twice;
#                                        with DAPRD_PATH set, on daprd
#   ./test.sh --client                   makes a TypeScript client of the API's description, compiles a program with it, and lints the description (Node, npm)
#   ./test.sh --speed                    how fast a search and an indexing of many messages are, on an idle machine; CI measures it every night
#   ./test.sh --project tests/X …        what follows is passed to `dotnet test`
set -euo pipefail
cd "$(dirname "$0")"

has() { command -v "$1" >/dev/null 2>&1; }
[ "${1:-}" != --client ] || exec tests/client/check.sh
has dotnet || { echo "test.sh needs the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2; exit 1; }

if [ "${1:-}" = --dapr ]; then
  DAPRD_PATH=${DAPRD_PATH:-$(command -v daprd || true)}
  [ -n "$DAPRD_PATH" ] || DAPRD_PATH=$HOME/.dapr/bin/daprd
  # Asked for and not there is a failure, never a run without it.
  daprd_version=$("$DAPRD_PATH" --version 2>/dev/null) || {
    echo "test.sh --dapr needs daprd, and $DAPRD_PATH does not run: install Dapr (\`dapr init --slim\`), or set DAPRD_PATH to the executable." >&2
    exit 1
  }
  export DAPRD_PATH
fi

has_docker() { has docker && docker info >/dev/null 2>&1; }
has_postgres() { has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

missing=()
[ -n "${TEST_REDIS:-}" ] || has redis-server || missing+=(redis-server)
[ -n "${TEST_POSTGRES:-}" ] || has_postgres || missing+=(postgresql)
! has_docker || missing=()
[ -n "${TEST_CHROMIUM:-}" ] || has chromium-headless-shell || has chromium || has chromium-browser || has google-chrome || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if has apt-get && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
    echo "Installing ${missing[*]} from Debian …"
    $sudo apt-get update -qq
    # The same browser without windows takes half the processor time, where it is packaged by itself.
    ! apt-cache show chromium-headless-shell >/dev/null 2>&1 || missing=("${missing[@]/%chromium/chromium-headless-shell}")
    # The packages' own servers are not wanted: the tests start theirs on free ports.
    policy=/usr/sbin/policy-rc.d
    [ -e $policy ] && policy="" || { printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null; $sudo chmod +x $policy; }
    status=0
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || status=$?
    [ -z "$policy" ] || $sudo rm -f "$policy"
    [ $status = 0 ] || { echo "test.sh could not install ${missing[*]}; install them, or set TEST_REDIS, TEST_POSTGRES and TEST_CHROMIUM." >&2; exit 1; }
  else
    echo "test.sh needs ${missing[*]}: install them, or set TEST_REDIS=host:port, TEST_POSTGRES=<connection string> and TEST_CHROMIUM=<path>, or start Docker for the first two." >&2
    exit 1
  fi
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
case ${1:-} in
  --processes)
    shift
    exec dotnet test --project tests/WhiteCross.Processes.Tests "$@" ;;
  --dapr)
    shift
    echo "On daprd $daprd_version: $DAPRD_PATH"
    dotnet test --project tests/WhiteCross.Conformance.Tests
    exec dotnet test --project tests/WhiteCross.Processes.Tests "$@" ;;
  --speed)
    shift
    exec dotnet test --project tests/WhiteCross.MessageIndexing.Tests "$@" -- --explicit only --filter-class '*.SpeedTests' ;;
  --rolling)
    shift
    ROLLING_RESTARTS=10 exec dotnet test --project tests/WhiteCross.Processes.Tests "$@" -- --explicit only --filter-class '*.RollingRestartTests' ;;
esac
if [ "${1:-}" = --chaos ]; then
  shift
  exec dotnet run --project tests/WhiteCross.Chaos --no-launch-profile -- "$@"
fi
names=() build=true
for argument in "$@"; do
  case $argument in
    --long) export TEST_LONG=1 ;;
    --no-build) build=false ;;
    -*) exec dotnet test "$@" ;;
    *) names+=("$argument") ;;
  esac
done

! $build || .ci/build
exec dotnet exec tests/WhiteCross.TestRun/bin/Debug/net10.0/WhiteCross.TestRun.dll "${names[@]}"
