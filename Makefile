# Strongroom. "make test" is the one test command; "make help" lists the rest.
SHELL := /bin/bash
TEMPL := go run github.com/a-h/templ/cmd/templ@v0.3.977
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
export CGO_ENABLED ?= 0

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: build
build: ## the one binary, into bin/
	go build -trimpath -ldflags "-s -w" -o bin/strongroom ./cmd/strongroom

.PHONY: release
release: ## binaries, Debian packages, SBOMs and checksums for Linux, into dist/; the same bytes everywhere
	go run ./tools/release

.PHONY: release-test
release-test: ## two builds compared; the package on a fresh Debian up to the first order (root, debootstrap, a mirror)
	go test -count=1 -tags release -timeout 40m ./tools/release -v

.PHONY: demo
demo: ## a furnished store on this machine
	go run ./cmd/strongroom demo

.PHONY: test
test: deps lint generated ## everything: linters, both engines with the race detector, real servers, browser journeys
	tools/ci/with-postgres.sh tools/ci/test.sh

.PHONY: deps
deps: ## installs what the tests need, or says what is missing
	tools/ci/deps.sh

.PHONY: lint
lint: ## formatting, vet, staticcheck
	@out=$$(git ls-files '*.go' | grep -v '_templ\.go$$' | xargs gofmt -l); [ -z "$$out" ] || { echo "not gofmt-formatted: $$out"; exit 1; }
	go vet -tags browser,release,servers ./...
	$(STATICCHECK) -tags browser,release,servers ./...

.PHONY: generate
generate: ## writes the pages' Go files, the list of common passwords and the proof table anew
	$(TEMPL) generate
	go run ./tools/wordlist
	go run ./tools/asvs

.PHONY: generated
generated: ## fails if a committed generated file is not what its source gives
	tools/ci/generated.sh "$(TEMPL)"

.PHONY: bench
bench: ## the figures of docs/measurements.md, each with its reference in the same run
	go run ./tools/bench

.PHONY: bench-million
bench-million: ## a million products: their import while the shop sells, and pages and search against 10,000
	go run ./tools/bench -only scale

.PHONY: attack
attack: deps ## attacks on the real program in full size, as a table, on both engines
	set -o pipefail; STRONGROOM_TEST_ATTACK=full tools/ci/with-postgres.sh go test -count=1 -v -tags browser -timeout 120m ./tools/attack -run TestAttacks \
		| grep -vE '^(=== |  +--- PASS)'

.PHONY: journeys
journeys: deps ## all journeys, and the walks over all pages in every width, theme and language
	STRONGROOM_TEST_JOURNEYS=full tools/ci/with-postgres.sh go test -count=1 -tags browser -timeout 60m ./tools/journey

.PHONY: kill
kill: ## SIGKILL at random points under load, many rounds, both engines
	tools/ci/with-postgres.sh go test -count=1 -tags soak -timeout 60m ./tools/kill -v

.PHONY: cluster
cluster: deps ## three processes on one PostgreSQL behind a balancer: journeys, races and kill tests
	tools/ci/with-postgres.sh tools/ci/cluster.sh

.PHONY: failover
failover: ## PostgreSQL with Patroni and etcd loses its primary, twice, under fifty orders a second
	go test -count=1 -tags failover -timeout 20m ./tools/kill -run TestFailover -v

OUT ?= .tmp/pictures
.PHONY: look
look: ## pictures of every page, both languages, wide and narrow, light and dark, into OUT
	go run ./tools/look -out $(OUT)

.PHONY: lighthouse
lighthouse: ## Lighthouse's scores of the demo's pages, medians of three
	go run ./tools/lighthouse

FUZZTIME ?= 20s
.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each
	tools/ci/fuzz.sh $(FUZZTIME)
