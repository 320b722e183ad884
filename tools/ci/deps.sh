#!/usr/bin/env bash
# Installs what the tests need beside Go on Debian, or says exactly what is missing.
#   PostgreSQL's server programs (run by the tests themselves on a private loopback port), Chromium, axe-core,
#   Pebble, a test authority for certificates, two tools for the audit log, and stripe-mock (built into tools/bin; all on
#   loopback).
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
pgbin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
[ -n "$(pgbin)" ] && [ -x "$(pgbin)/initdb" ] || missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium)
command -v npm >/dev/null || missing+=(npm)
[ -x /usr/bin/certutil ] || missing+=(libnss3-tools)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need these Debian packages: ${missing[*]}" >&2
    echo "Install them with: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}"
  apt-get update -q >/dev/null
  # The package's own server is not needed: the tests start one of their own.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ ! -e tools/browser/node_modules/axe-core/axe.min.js ]; then
  (cd tools/browser && npm ci --silent --no-audit --no-fund)
fi
pebble=v2.10.1
if [ ! -x tools/bin/pebble ] || ! go version -m tools/bin/pebble | grep -q "letsencrypt/pebble/v2[[:space:]]$pebble"; then
  GOFLAGS= GOBIN="$PWD/tools/bin" go install "github.com/letsencrypt/pebble/v2/cmd/pebble@$pebble"
fi
# Tessera's fsck, which verifies exports of the audit log as somebody else would, an object store that keeps its heads,
# and stripe-mock, which checks the shape of every request to Stripe.
tool() { # tool NAME PACKAGE MODULE VERSION
  [ -x "tools/bin/$1" ] && go version -m "tools/bin/$1" | grep -q "$3[[:space:]]$4" ||
    CGO_ENABLED=0 GOFLAGS= GOBIN="$PWD/tools/bin" go install "$2@$4"
}
tool fsck github.com/transparency-dev/tessera/cmd/fsck github.com/transparency-dev/tessera v1.0.4
tool stripe-mock github.com/stripe/stripe-mock github.com/stripe/stripe-mock v0.203.0
tool versitygw github.com/versity/versitygw/cmd/versitygw github.com/versity/versitygw v1.8.0
