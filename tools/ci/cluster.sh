#!/usr/bin/env bash
# The tests of a store that is several processes, run by "make cluster" with a PostgreSQL server at hand. Each request goes
# to another process.
set -euo pipefail
cd "$(dirname "$0")/../.."
export STRONGROOM_CLUSTER=${STRONGROOM_CLUSTER:-3}
echo "== processes that start at once, are killed one by one and all together, while people buy"
go test -count=1 -timeout 20m ./tools/kill -run 'Three|TestKilledWhilePeopleBuy/postgres' -v
echo "== races and attacks on orders, payments and codes"
go test -count=1 -tags attack -timeout 40m ./tools/attack -run 'TestAttacks/postgres/(11|12|14|15|16|19|20|41)' -v
echo "== the journeys of shoppers in a browser"
go test -count=1 -tags browser -timeout 20m ./tools/journey
