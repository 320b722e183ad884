#!/usr/bin/env bash
# Fails if a committed generated file is not what its source gives. Works on a copy, so that nothing here is changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z '*.templ' '*_templ.go' go.mod go.sum | xargs -0 cp --parents -t "$copy"
(cd "$copy" && find . -name '*_templ.go' -delete && $1 generate -log-level error >/dev/null)
bad=0
while IFS= read -r f; do
  cmp -s "$f" "$copy/$f" || { echo "not current: $f (make generate)"; bad=1; }
done < <(cd "$copy" && find . -name '*_templ.go' | sed 's|^\./||')
while IFS= read -r f; do
  [ -e "$copy/$f" ] || { echo "has no source any more: $f"; bad=1; }
done < <(git ls-files '*_templ.go')
go run ./tools/asvs -check || bad=1
exit $bad
