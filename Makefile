# make test    all tests; real servers that are not installed are skipped
# make check   what CI runs besides: formatting, vet, staticcheck, race detector
# make build   bin/tierdesk
# make soak    random kills for ten minutes, or SOAK=60m; see docs/reliability.md
# make bench   benchmarks, see docs/performance.md

GO ?= go
TESTFLAGS ?=

.PHONY: build test check race bench soak tools

build:
	$(GO) build -o bin/tierdesk ./cmd/tierdesk

# The tests use a real Dovecot, Postfix and PostgreSQL where they are installed
# (Debian: apt-get install dovecot-imapd dovecot-lmtpd postfix postgresql tmux neomutt aerc alpine).
# TESTBED=required makes a missing one a failure instead of a skip. With
# TESTFLAGS="-artifacts -outputdir DIR" a failing test leaves its logs,
# mailboxes and database in DIR.
test: tools
	$(GO) test -timeout 20m $(TESTFLAGS) ./...

tools:
	@command -v $(GO) >/dev/null || { echo "tierdesk needs Go 1.26 or newer: https://go.dev/dl"; exit 1; }
	@command -v $${CC:-gcc} >/dev/null || { echo "tierdesk needs a C compiler for SQLite: apt-get install gcc libc6-dev"; exit 1; }
	@for s in dovecot postfix tmux neomutt aerc alpine; do command -v $$s >/dev/null || [ -x /usr/sbin/$$s ] || echo "note: $$s is not installed; its tests are skipped"; done
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo "note: postgresql is not installed; its tests are skipped"

race:
	$(GO) test -race -timeout 40m ./...

check: tools
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "gofmt: the files above are not formatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod verify

# The gateway is killed at random instants, on each database for so long; then what came
# in is compared with what is there, mail by mail.
SOAK ?= 10m
soak: tools
	SOAK=$(SOAK) nice $(GO) test ./cmd/tierdesk -run 'TestKill$$' -v -timeout 12h
	nice $(GO) test ./store -run 'PowerLoss|Acknowledged|FileSystem' -count 10 -timeout 1h

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
