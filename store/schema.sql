-- What the migrations make of an empty SQLite database. Written by
-- go test ./store -run Schema -update

CREATE TABLE absences (
	address  TEXT   NOT NULL PRIMARY KEY,
	until    BIGINT NOT NULL,
	delegate TEXT   NOT NULL,
	raw      BIGINT NOT NULL
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
) WITHOUT ROWID;
CREATE INDEX clocks_next ON clocks (next) WHERE next IS NOT NULL;
CREATE TABLE cursors (
	mailbox     TEXT   NOT NULL PRIMARY KEY,
	uidvalidity BIGINT NOT NULL,
	uid         BIGINT NOT NULL,
	started     BIGINT
);
CREATE TABLE events (
	seq      INTEGER PRIMARY KEY,
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
CREATE INDEX events_at ON events (at);
CREATE INDEX events_ticket ON events (ticket);
CREATE TABLE files (
	sha256 TEXT   NOT NULL,
	ticket BIGINT NOT NULL REFERENCES tickets (id),
	name   TEXT   NOT NULL, -- in lower case
	PRIMARY KEY (sha256, ticket, name)
) WITHOUT ROWID;
CREATE INDEX files_name ON files (name, ticket);
CREATE TABLE followers (
	name TEXT   NOT NULL PRIMARY KEY,
	seq  BIGINT NOT NULL
);
CREATE TABLE head (
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	event    BIGINT NOT NULL,
	hash     TEXT   NOT NULL,
	ticket   BIGINT NOT NULL,
	raw      BIGINT NOT NULL,
	outgoing BIGINT NOT NULL
);
CREATE TABLE incidents (
	ticket BIGINT  NOT NULL PRIMARY KEY REFERENCES tickets (id),
	open   BOOLEAN NOT NULL,
	body   TEXT    NOT NULL -- JSON of a desk.Incident
);
CREATE INDEX incidents_open ON incidents (ticket) WHERE open;
CREATE TABLE kb_embeddings (
	hash   TEXT   NOT NULL PRIMARY KEY,
	bytes  BLOB  NOT NULL
);
CREATE TABLE kb_lessons (
	seq    BIGINT  NOT NULL,
	ticket BIGINT  NOT NULL REFERENCES tickets (id),
	doc    TEXT    NOT NULL,
	wrong  BOOLEAN NOT NULL,
	text   TEXT    NOT NULL,
	at     BIGINT  NOT NULL,
	PRIMARY KEY (seq, doc)
);
CREATE INDEX kb_lessons_ticket ON kb_lessons (ticket);
CREATE TABLE kb_standings (
	doc     TEXT   NOT NULL PRIMARY KEY,
	mode    TEXT   NOT NULL,
	since   BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	because TEXT   NOT NULL
);
CREATE TABLE kb_trials (
	seq       BIGINT  NOT NULL,
	ticket    BIGINT  NOT NULL REFERENCES tickets (id),
	doc       TEXT    NOT NULL,
	mode      TEXT    NOT NULL,
	correct   BOOLEAN NOT NULL,
	requester TEXT    NOT NULL,
	at        BIGINT  NOT NULL,
	PRIMARY KEY (seq, doc)
);
CREATE INDEX kb_trials_doc ON kb_trials (doc, seq);
CREATE INDEX kb_trials_ticket ON kb_trials (ticket);
CREATE TABLE leases (
	name   TEXT   NOT NULL PRIMARY KEY,
	holder TEXT   NOT NULL,
	epoch  BIGINT NOT NULL, -- rises with each change of holder
	until  BIGINT           -- NULL: released
);
CREATE TABLE links (
	ticket BIGINT NOT NULL REFERENCES tickets (id),
	other  BIGINT NOT NULL REFERENCES tickets (id),
	kind   TEXT   NOT NULL,
	PRIMARY KEY (ticket, other, kind)
);
CREATE TABLE message_ids (
	id     TEXT   NOT NULL PRIMARY KEY,
	ticket BIGINT NOT NULL REFERENCES tickets (id)
) WITHOUT ROWID;
CREATE TABLE messages (
	id         INTEGER PRIMARY KEY,
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
CREATE TABLE outbox (
	id         INTEGER PRIMARY KEY,
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
, newcomer BOOLEAN NOT NULL DEFAULT FALSE, answers_domain TEXT NOT NULL DEFAULT '');
CREATE INDEX outbox_answers ON outbox (created) WHERE answers_domain <> '';
CREATE INDEX outbox_answers_domain ON outbox (answers_domain, created) WHERE answers_domain <> '';
CREATE INDEX outbox_automatic ON outbox (recipient, created) WHERE automatic;
CREATE INDEX outbox_due ON outbox (next) WHERE next IS NOT NULL;
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
CREATE INDEX outbox_lease ON outbox (lease) WHERE lease IS NOT NULL;
CREATE INDEX outbox_message_id ON outbox (message_id);
CREATE INDEX outbox_newcomers ON outbox (created) WHERE newcomer;
CREATE INDEX outbox_unfinished ON outbox (ticket, recipient, id) WHERE state IN ('queued', 'sending', 'deferred', 'unknown');
CREATE TABLE outbox_attempts (
	item  BIGINT NOT NULL REFERENCES outbox (id),
	n     BIGINT NOT NULL,
	at    BIGINT NOT NULL,
	state TEXT   NOT NULL,
	reply TEXT   NOT NULL,
	PRIMARY KEY (item, n)
) WITHOUT ROWID;
CREATE TABLE outbox_letters (
	id       INTEGER PRIMARY KEY REFERENCES outbox (id),
	outgoing TEXT NOT NULL -- JSON of a desk.Outgoing
);
CREATE TABLE outbox_rendered (
	id    INTEGER PRIMARY KEY REFERENCES outbox (id),
	bytes BLOB NOT NULL
);
CREATE TABLE participants (
	ticket  BIGINT NOT NULL REFERENCES tickets (id),
	address TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	role    TEXT   NOT NULL,
	joined  TEXT   NOT NULL,
	PRIMARY KEY (ticket, address)
) WITHOUT ROWID;
CREATE INDEX participants_address ON participants (address, ticket);
CREATE TABLE raw_chunks (
	raw   BIGINT NOT NULL REFERENCES raws (id),
	part  BIGINT NOT NULL,
	bytes BLOB   NOT NULL,
	PRIMARY KEY (raw, part)
);
CREATE TABLE raws (
	id          INTEGER PRIMARY KEY,
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
CREATE INDEX raws_content ON raws (content);
CREATE INDEX raws_sha256 ON raws (sha256);
CREATE UNIQUE INDEX raws_uid ON raws (mailbox, uidvalidity, uid);
CREATE INDEX raws_unmoved ON raws (mailbox, uidvalidity, id) WHERE moved = '' AND category <> '';
CREATE INDEX raws_unsettled ON raws (id) WHERE category = '';
CREATE TABLE rules (
	since BIGINT NOT NULL PRIMARY KEY,
	hash  TEXT   NOT NULL,
	body  BLOB   NOT NULL
);
CREATE TABLE schema_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE signing_keys (
	id      INTEGER PRIMARY KEY,
	secret  BLOB   NOT NULL,
	created BIGINT NOT NULL
, retired BIGINT);
CREATE TABLE tickets (
	id                 INTEGER PRIMARY KEY,
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
, wait_until BIGINT, merged_into BIGINT NOT NULL DEFAULT 0, parent BIGINT NOT NULL DEFAULT 0, revoked BOOLEAN NOT NULL DEFAULT FALSE, domain TEXT GENERATED ALWAYS AS (lower(substr(requester, instr(requester, '@') + 1))) VIRTUAL);
CREATE INDEX tickets_active ON tickets (id) WHERE status IN ('new', 'open', 'waiting');
CREATE INDEX tickets_domain ON tickets (domain, id);
CREATE INDEX tickets_parent ON tickets (parent) WHERE parent <> 0;
CREATE INDEX tickets_requester ON tickets (requester, id);
