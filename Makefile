# make help lists the targets. Each installs what it misses, saying so; apart from that they need Go and git.

.PHONY: help engine image build test e2e e2e-fast fuzz fuzz-engine test-engine hostile cpython equal demo demo-live demo-best-of-n bench pin clean
.DEFAULT_GOAL := help

help:
	@echo 'make build      bin/borel, one self-contained file'
	@echo 'make demo       solve the bundled problems on recorded samples, then again from the cache'
	@echo 'make demo-live  the same with a model that runs here'
	@echo 'make demo-best-of-n  an OpenAI client asks that model directly, and through borel'
	@echo 'make test       every check that continuous integration makes'
	@echo 'make e2e        the clients of other servers and of OpenAI, unmodified, against bin/borel; make e2e-fast a part of it'
	@echo 'make fuzz       every fuzz test for FUZZTIME (1m), one after the other'
	@echo 'make fuzz-engine  MODULES generated modules (2000) on the patched wazero, the released one and its interpreter: engine/fuzz'
	@echo 'make test-engine  the unit and spec tests of wazero with the patches'
	@echo 'make hostile    the programs of sandbox/testdata/hostile with full limits, their real time held to its bound'
	@echo 'make cpython    tests of CPython itself, inside the sandbox'
	@echo 'make equal      the recorded programs, the hostile ones and CPython'"'"'s tests do the same on stock, safe and guarded wazero'
	@echo 'make bench      the speed figures of docs/benchmarks.md, measured here'
	@echo 'make engine     wazero with the patches of engine/, which all of these use; with ENGINE=stock, as all of these take it: as it was released'
	@echo 'make image      the Python image: minutes the first time, then found in the user'"'"'s cache'
	@echo 'make pin        renew wasm/python/sources.lock from Debian'
	@echo 'make clean      remove what was built here, the patched wazero too; the cache stays'

ENGINE ?=
engine:
	@engine/setup.sh $(ENGINE)

# A copy, because the compiler does not embed links. It is replaced only when it differs, and at once.
image: engine
	@zip=$$(wasm/python/build.sh) && { cmp -s "$$zip" wasm/image/python.zip || \
		{ cp "$$zip" wasm/image/.python.zip && mv wasm/image/.python.zip wasm/image/python.zip; }; }

build: image
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/borel ./cmd/borel

# The race detector needs a C compiler, and a binary with C in it cannot be confined as the real one is; Python starts four times
# as slowly under it. So all tests are run as the binary is built, and under the detector those of packages that do several things
# at once; -short leaves out of these what does one thing after another.
CONCURRENT := ./budget ./cmd/borel ./eval ./languages ./proof/metamath ./sampler/... ./sandbox ./server/... ./solver ./store ./verify ./wasm
test: image
	@wasm/python/install.sh 'for the race detector' gcc libc6-dev
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "run gofmt -w on: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go test -race -short -timeout 30m $(CONCURRENT)
	go test -race -timeout 30m -run 'Deterministic|Bayes|Select|Hostile' ./coverage
	CGO_ENABLED=0 go test -timeout 30m ./...
	GOWORK=off CGO_ENABLED=0 go test -timeout 30m ./sandbox
	GOWORK=off CGO_ENABLED=0 go test -timeout 30m -run 'TestFault|TestFlood' ./worker

# Other people's clients: e2e/README.md. PYTEST_ARGS goes to pytest.
e2e: build
	$$(e2e/venv.sh) -m pytest -c e2e/pytest.ini e2e $(PYTEST_ARGS)

e2e-fast: build
	$$(e2e/venv.sh) -m pytest -c e2e/pytest.ini -m 'not slow' e2e $(PYTEST_ARGS)

# Stopping a fuzz test loses nothing: what it found is in testdata, to be committed with the fix.
FUZZTIME ?= 1m
fuzz: image
	@set -e; for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$p; done; done

# One binary holds one compiler, so there are two.
MODULES ?= 2000
SEED ?= 1
fuzz-engine: engine
	GOWORK=off go build -o bin/fuzz-stock ./engine/fuzz
	go build -o bin/fuzz ./engine/fuzz
	bin/fuzz -stock bin/fuzz-stock -seed $(SEED) -modules $(MODULES)

test-engine:
	engine/test.sh

hostile: image
	BOREL_FULL=1 go test -count=1 -timeout 2h -run '^(TestHostile|TestStateNeverCrosses|TestCanary)$$' ./languages ./worker

# CPython's own tests, from the source that the image is built from.
CPYTHON := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/borel/images
cpython: $(CPYTHON)/tests/test
	BOREL_CPYTHON=$(CPYTHON)/tests/test go test -count=1 -timeout 1h -run '^TestCPython$$' ./languages

# Half an hour of two processors. The recordings stay in bin/equal, to be compared again.
equal: $(CPYTHON)/tests/test
	@mkdir -p bin/equal
	GOWORK=off go build -o bin/equal/stock ./engine/equal
	go build -o bin/equal/patched ./engine/equal
	set -e; for m in stock safe guarded; do b=patched; [ $$m != stock ] || b=stock; \
		bin/equal/$$b record -cpython $(CPYTHON)/tests/test $$m >bin/equal/$$m.jsonl; done
	bin/equal/patched compare bin/equal/stock.jsonl bin/equal/safe.jsonl bin/equal/guarded.jsonl

.PHONY: $(CPYTHON)/tests/test
$(CPYTHON)/tests/test: image
	@wasm/python/install.sh "to unpack CPython's tests" xz-utils
	@rm -rf $(CPYTHON)/tests && mkdir -p $(CPYTHON)/tests
	@tar xf $$(wasm/python/build.sh sources)/python3.13_*.orig.tar.xz -C $(CPYTHON)/tests --strip-components=2 --wildcards '*/Lib/test'

demo: build
	bin/borel demo

demo-live: build
	demo/live.sh bin/borel demo

demo-best-of-n: build
	demo/live.sh demo/best-of-n.sh

# HUMANEVAL names HumanEval.jsonl.gz, which is not part of this repository.
HUMANEVAL ?= $(wildcard ../shared/data/HumanEval.jsonl.gz)
bench: build
	@wasm/python/install.sh 'to compare with' python3
	bin/borel bench $(if $(HUMANEVAL),--humaneval $(HUMANEVAL))

pin:
	wasm/python/pin.sh

clean:
	rm -rf bin wasm/image/python.zip engine/wazero go.work go.work.sum
