# make run      build all and start the demo on http://127.0.0.1:8080
# make test     set up what the tests need and run all of them
# make help     the rest

SHELL := bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO_FLAGS := -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
UI := web/ui
UI_SOURCES := $(shell find $(UI)/src $(UI)/public -type f 2>/dev/null) $(wildcard $(UI)/*.json $(UI)/*.ts $(UI)/*.html)

# Tests do not wait for the disk of a server, and its statements are planned once for graphs that are filled and emptied all the time.
FOR_TESTS := MEREON_SERVERS_AT=$(firstword $(wildcard /dev/shm) /tmp) NEO4J_SHORT=1 \
	NEO4J_SETTINGS="dbms.cypher.min_replan_interval=1m internal.cypher.use_parameter_size=false server.memory.query_cache.per_db_cache_num_entries=2000"
FOR_SEQUENCES := MEREON_SERVERS_AT=$(firstword $(wildcard /dev/shm) /tmp) NEO4J_HEAP=2g \
	NEO4J_SETTINGS="dbms.cypher.min_replan_interval=1h internal.cypher.use_parameter_size=false server.memory.query_cache.per_db_cache_num_entries=10000"

.PHONY: help versions build run ui test test-go test-neo4j sequences test-stores test-ui test-browser lint generate fuzz bench bench-peers clean
.DEFAULT_GOAL := build

help:
	@sed -n 's/^# make /make /p' Makefile
	@echo "make build    bin/mereon, the user interface inside"
	@echo "make ui       the user interface alone"
	@echo "make test-neo4j the tests of the Neo4j store alone"
	@echo "make test-stores the tests of the web layer on the other stores, and of the mirror on Neo4j"
	@echo "make sequences  N random sequences of operations (default 10000) from SEED on all stores, which must agree"
	@echo "make lint     go vet, gofmt, tsc"
	@echo "make generate all generated files anew"
	@echo "make fuzz     every fuzz target for FUZZTIME (default 10s) each"
	@echo "make bench    the standing benchmarks, with a report"
	@echo "make bench-peers  Mereon beside PostGraphile, as ratios"

versions:
	@.ci/versions

build: versions ui
	go build $(GO_FLAGS) -o bin/mereon ./cmd/mereon

run: build
	@bin/mereon demo

ui: $(UI)/dist/index.html

$(UI)/node_modules/.package-lock.json: $(UI)/package.json $(UI)/package-lock.json
	cd $(UI) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(UI)/dist/index.html: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	cd $(UI) && npm run --silent build

test: versions
	.ci/prepare
	$(MAKE) build lint
	$(MAKE) test-go test-ui test-browser

test-go:
	$(FOR_TESTS) .ci/with-servers .ci/test-go

# The tests of the Neo4j store alone, on a server of their own.
test-neo4j:
	.ci/prepare neo4j
	$(FOR_TESTS) MEREON_SERVERS=neo4j .ci/with-servers go test -race -timeout 20m ./graph/neo4j/...

# The tests of the web layer on the stores that are not on disk, and all that a store must do on a mirror; minutes.
test-stores:
	.ci/prepare neo4j
	$(FOR_TESTS) MEREON_SERVERS=neo4j .ci/with-servers .ci/test-stores long

# N random sequences of operations from SEED with KINDS of questions, on which all stores must agree.
N ?= 10000
SEED ?= 1
KINDS ?= 1000
sequences:
	.ci/prepare neo4j
	$(FOR_SEQUENCES) MEREON_SERVERS=neo4j .ci/with-servers .ci/sequences $(N) $(SEED) $(KINDS)

test-ui: $(UI)/node_modules/.package-lock.json
	cd $(UI) && npm test --silent

test-browser: build
	cd $(UI) && npm run --silent test:browser

lint: $(UI)/node_modules/.package-lock.json
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "not gofmt'ed: $$unformatted"; exit 1; }
	go vet ./...
	go mod tidy -diff
	cd $(UI) && npx --no-install tsc --noEmit

generate:
	go generate ./...

FUZZTIME ?= 10s
fuzz:
	.ci/fuzz $(FUZZTIME)

bench: build
	.ci/prepare postgres neo4j
	.ci/with-servers .ci/bench

bench-peers: build
	.ci/bench-peers

clean:
	rm -rf bin $(UI)/dist/assets $(UI)/dist/index.html
