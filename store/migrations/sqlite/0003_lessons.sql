-- +goose Up

-- What tickets taught L1: questions with the document that answered them ('' for
-- none), or with one that did not.
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

-- Judgements on documents, and the mode that they have given each.
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
CREATE INDEX kb_trials_ticket ON kb_trials (ticket);
CREATE INDEX kb_trials_doc ON kb_trials (doc, seq);

CREATE TABLE kb_standings (
	doc     TEXT   NOT NULL PRIMARY KEY,
	mode    TEXT   NOT NULL,
	since   BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	because TEXT   NOT NULL
);
