#!/usr/bin/env bash
# What a client's developer gets of the gateway's OpenAPI document: lints it, makes a TypeScript client of it and compiles a program with that. Needs Node 20
# and npm's registry, so it is no part of ./test.sh; CI runs it at every change. That the document is what the code says is a test of that suite.
set -euo pipefail
cd "$(dirname "$0")"
document=../../services/Gateway/Description/openapi.json

npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
npx redocly lint --config redocly.yaml --format=stylish "$document"
mkdir -p generated
npx openapi-typescript "$document" --output generated/api.d.ts
if grep -nE '(number \| string|string \| number)' generated/api.d.ts; then
  echo "A number is a number." >&2
  exit 1
fi
npx tsc --project tsconfig.json
echo "The document has no faults, and the program compiles."
