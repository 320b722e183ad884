#!/usr/bin/env bash
# The tests themselves, run by "make test" with a PostgreSQL server at hand. Every part runs, also after one that failed.
#
# The race detector makes everything five times as slow. It is used on every package that handles concurrency, and on both
# engines where the engines differ in Go (base). What stands above runs under it on SQLite and without it on both engines:
# which goroutines meet is the same on both. A few long tests of one goroutine each run without it.
set -uo pipefail
cd "$(dirname "$0")/../.."
failed=0
part() { # part TITLE COMMAND [ARG ...]
  echo "== $1"
  local began=$SECONDS
  shift
  "$@" || failed=1
  echo "-- $((SECONDS - began)) s"
}
long='^(TestTheOwnerIsToldOfAFlood|TestAFloodFromEverywhere|TestPumpingIsCapped|TestTimeDoesNotTell|TestRotationGoesOnWhereItDied|TestMoveGoesOnWhereItDied|TestRotationSurvivesSIGKILL|TestDeskListIsDownAnIndex|TestShelfIsDownAnIndex|TestListsNeverScan|TestBothEnginesFindTheSame|TestSumsOfAnOrderAgree|TestBothCrowdsAtOnce|TestCardTestersGetFewSessions_V2_4_1|TestPatientTestersGetFewSessions_V2_4_1)$'
with=(./guard/... ./shop/... ./front/notices/... ./front/letters/...)
# These start the real program or measure time, so that one runs at a time.
alone='^strongroom/(cmd/strongroom|tools/(attack|bench|journey|kill|release|rig)(/.*)?)$'
rest=$(go list -tags browser,servers ./... | grep -vE '^strongroom/(base|guard|shop)/|^strongroom/front/(notices|letters)') || failed=1
part "the ground, with the race detector, on SQLite and PostgreSQL" \
  env CGO_ENABLED=1 go test -race -tags servers -timeout 20m ./base/...
part "guards and shop, with the race detector, on SQLite" \
  env -u STRONGROOM_TEST_POSTGRES CGO_ENABLED=1 go test -race -tags servers -timeout 20m -skip "$long" "${with[@]}"
part "guards, shop, pages and tools, on SQLite and PostgreSQL" \
  go test -tags browser,servers -timeout 20m "${with[@]}" $(grep -vE "$alone" <<<"$rest")
part "the real program, attacks and the browser journeys, one at a time" \
  go test -p 1 -tags browser,servers -timeout 20m $(grep -E "$alone" <<<"$rest")
if [ $failed = 0 ]; then echo "all parts passed in $SECONDS s"; else echo "FAILED, see above ($SECONDS s)"; fi
exit $failed
