#!/usr/bin/env bash
# Runs every fuzz target of the tree, one after the other: fuzz.sh [TIME for each, such as 20s]
set -euo pipefail
cd "$(dirname "$0")/../.."
time=${1:-20s}
passed=0
while IFS=: read -r file name; do
  echo "== $(dirname "$file") $name"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "$time"
  passed=$((passed + 1))
done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's|^\./||; s|:func |:|')
echo "$passed passed, 0 failed"
