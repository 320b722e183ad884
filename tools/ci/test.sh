#!/usr/bin/env bash
# The tests themselves, run by "make test" with a PostgreSQL server at hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
echo "== packages that handle concurrency, with the race detector, on SQLite and PostgreSQL"
CGO_ENABLED=1 go test -race -tags servers -timeout 20m ./base/... ./guard/... ./shop/... ./front/notices/... ./front/letters/...
echo "== everything else, the real program and the browser journeys; one package at a time, since they measure time"
go test -p 1 -timeout 20m -tags browser,servers $(go list -tags browser,servers ./... | grep -vE '^strongroom/(base|guard|shop)/|^strongroom/front/(notices|letters)')
