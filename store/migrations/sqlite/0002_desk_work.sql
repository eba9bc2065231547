-- +goose Up

-- What people order by mail: snoozes, merges, major incidents, links, and who is away.
ALTER TABLE tickets ADD COLUMN wait_until BIGINT;
ALTER TABLE tickets ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN parent BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tickets_parent ON tickets (parent) WHERE parent <> 0;
CREATE INDEX tickets_requester ON tickets (requester, id);

CREATE TABLE links (
	ticket BIGINT NOT NULL REFERENCES tickets (id),
	other  BIGINT NOT NULL REFERENCES tickets (id),
	kind   TEXT   NOT NULL,
	PRIMARY KEY (ticket, other, kind)
);

CREATE TABLE absences (
	address  TEXT   NOT NULL PRIMARY KEY,
	until    BIGINT NOT NULL,
	delegate TEXT   NOT NULL,
	raw      BIGINT NOT NULL
);
