-- Times are microseconds since 1970 UTC; NULL is "none". Id 0 is "none".

-- +goose Up

-- The newest number of everything that is numbered here, and the end of the
-- hash chain of events. A writer holds this row from the start of its
-- transaction, so that numbers rise in the order of commits.
CREATE TABLE head (
	id       BIGINT PRIMARY KEY CHECK (id = 1),
	event    BIGINT NOT NULL,
	hash     TEXT   NOT NULL,
	ticket   BIGINT NOT NULL,
	raw      BIGINT NOT NULL,
	outgoing BIGINT NOT NULL
);
INSERT INTO head (id, event, hash, ticket, raw, outgoing) VALUES (1, 0, '', 0, 0, 0);

CREATE TABLE signing_keys (
	id      BIGINT PRIMARY KEY,
	secret  BYTEA  NOT NULL,
	created BIGINT NOT NULL
);

-- The spool: how far each mailbox was read, every mail that was ever seen, and
-- its bytes in pieces.
CREATE TABLE cursors (
	mailbox     TEXT   NOT NULL PRIMARY KEY,
	uidvalidity BIGINT NOT NULL,
	uid         BIGINT NOT NULL,
	started     BIGINT
);

CREATE TABLE raws (
	id          BIGINT PRIMARY KEY,
	mailbox     TEXT    NOT NULL,
	uidvalidity BIGINT  NOT NULL,
	uid         BIGINT  NOT NULL,
	received    BIGINT,
	kept        BIGINT  NOT NULL,
	size        BIGINT  NOT NULL,
	sha256      TEXT    NOT NULL,
	content     TEXT    NOT NULL,
	history     BOOLEAN NOT NULL,
	incomplete  BOOLEAN NOT NULL,
	attempts    BIGINT  NOT NULL,
	category    TEXT    NOT NULL DEFAULT '', -- '' until settled
	reason      TEXT    NOT NULL DEFAULT '',
	ticket      BIGINT  NOT NULL DEFAULT 0,
	sender      TEXT    NOT NULL DEFAULT '',
	subject     TEXT    NOT NULL DEFAULT '',
	message_id  TEXT    NOT NULL DEFAULT '',
	moved       TEXT    NOT NULL DEFAULT ''  -- '' is to do, '-' stays
);
CREATE UNIQUE INDEX raws_uid ON raws (mailbox, uidvalidity, uid);
CREATE INDEX raws_content ON raws (content);
CREATE INDEX raws_sha256 ON raws (sha256);
CREATE INDEX raws_unsettled ON raws (id) WHERE category = '';
CREATE INDEX raws_unmoved ON raws (mailbox, uidvalidity, id) WHERE moved = '' AND category <> '';

CREATE TABLE raw_chunks (
	raw   BIGINT NOT NULL REFERENCES raws (id),
	part  BIGINT NOT NULL,
	bytes BYTEA  NOT NULL,
	PRIMARY KEY (raw, part)
);
-- Mail does not compress well enough to spend time on it.
ALTER TABLE raw_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Tickets, who takes part, what was said, and which Message-IDs lead there.
CREATE TABLE tickets (
	id                 BIGINT PRIMARY KEY,
	version            BIGINT NOT NULL,
	subject            TEXT   NOT NULL,
	requester          TEXT   NOT NULL,
	requester_name     TEXT   NOT NULL,
	status             TEXT   NOT NULL,
	tier               BIGINT NOT NULL,
	priority           TEXT   NOT NULL,
	category           TEXT   NOT NULL,
	assignee           TEXT   NOT NULL,
	language           TEXT   NOT NULL,
	created            BIGINT,
	updated            BIGINT,
	origin             BIGINT NOT NULL,
	answered           TEXT   NOT NULL,
	cycle              BIGINT NOT NULL,
	last_from_customer TEXT   NOT NULL
);
CREATE INDEX tickets_active ON tickets (id) WHERE status IN ('new', 'open', 'waiting');

CREATE TABLE participants (
	ticket  BIGINT NOT NULL REFERENCES tickets (id),
	address TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	role    TEXT   NOT NULL,
	joined  TEXT   NOT NULL,
	PRIMARY KEY (ticket, address)
);

CREATE TABLE messages (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	ticket     BIGINT NOT NULL REFERENCES tickets (id),
	raw        BIGINT NOT NULL,
	at         BIGINT,
	kind       TEXT   NOT NULL,
	author     TEXT   NOT NULL,
	author_name TEXT  NOT NULL,
	message_id TEXT   NOT NULL,
	text       TEXT   NOT NULL
);
CREATE INDEX messages_ticket ON messages (ticket);

CREATE TABLE message_ids (
	id     TEXT   NOT NULL PRIMARY KEY,
	ticket BIGINT NOT NULL REFERENCES tickets (id)
);

-- The append-only log, and how far each follower has read it.
CREATE TABLE events (
	seq      BIGINT PRIMARY KEY,
	ticket   BIGINT NOT NULL,
	at       BIGINT NOT NULL,
	occurred BIGINT NOT NULL,
	type     TEXT   NOT NULL,
	actor    TEXT   NOT NULL,
	because  TEXT   NOT NULL,
	raw      BIGINT NOT NULL,
	data     TEXT   NOT NULL, -- JSON
	prev     TEXT   NOT NULL,
	hash     TEXT   NOT NULL
);
CREATE INDEX events_ticket ON events (ticket);
CREATE INDEX events_at ON events (at);

CREATE TABLE followers (
	name TEXT   NOT NULL PRIMARY KEY,
	seq  BIGINT NOT NULL
);

CREATE TABLE clocks (
	ticket  BIGINT NOT NULL REFERENCES tickets (id),
	kind    TEXT   NOT NULL,
	started BIGINT,
	due     BIGINT,
	warn    BIGINT,
	next    BIGINT,
	state   TEXT   NOT NULL,
	fired   BIGINT NOT NULL,
	PRIMARY KEY (ticket, kind)
);
CREATE INDEX clocks_next ON clocks (next) WHERE next IS NOT NULL;

-- Outgoing mail, one row per recipient. What changes with each attempt is kept
-- apart from the letter and from the bytes, which are written once.
CREATE TABLE outbox (
	id         BIGINT PRIMARY KEY,
	key        TEXT    NOT NULL UNIQUE,
	kind       TEXT    NOT NULL,
	ticket     BIGINT  NOT NULL,
	recipient  TEXT    NOT NULL,
	message_id TEXT    NOT NULL,
	automatic  BOOLEAN NOT NULL,
	state      TEXT    NOT NULL,
	attempts   BIGINT  NOT NULL,
	created    BIGINT  NOT NULL,
	next       BIGINT,            -- next attempt
	reply      TEXT    NOT NULL,
	holder     TEXT    NOT NULL,  -- who sends it
	instance   TEXT    NOT NULL,  -- the holder's process
	lease      BIGINT,            -- until when the holder has it
	open_dot   BOOLEAN NOT NULL   -- DATA was about to be sent
);
CREATE INDEX outbox_due ON outbox (next) WHERE next IS NOT NULL;
CREATE INDEX outbox_lease ON outbox (lease) WHERE lease IS NOT NULL;
CREATE INDEX outbox_unfinished ON outbox (ticket, recipient, id) WHERE state IN ('queued', 'sending', 'deferred', 'unknown');
CREATE INDEX outbox_message_id ON outbox (message_id);
CREATE INDEX outbox_automatic ON outbox (recipient, created) WHERE automatic;

CREATE TABLE outbox_letters (
	id       BIGINT PRIMARY KEY REFERENCES outbox (id),
	outgoing TEXT NOT NULL -- JSON of a desk.Outgoing
);

CREATE TABLE outbox_rendered (
	id    BIGINT PRIMARY KEY REFERENCES outbox (id),
	bytes BYTEA NOT NULL
);

CREATE TABLE outbox_attempts (
	item  BIGINT NOT NULL REFERENCES outbox (id),
	n     BIGINT NOT NULL,
	at    BIGINT NOT NULL,
	state TEXT   NOT NULL,
	reply TEXT   NOT NULL,
	PRIMARY KEY (item, n)
);

CREATE TABLE leases (
	name   TEXT   NOT NULL PRIMARY KEY,
	holder TEXT   NOT NULL,
	epoch  BIGINT NOT NULL, -- rises with each change of holder
	until  BIGINT           -- NULL: released
);
