-- +goose Up

-- Major incidents and known errors, each with what its reports have in common.
CREATE TABLE incidents (
	ticket BIGINT  NOT NULL PRIMARY KEY REFERENCES tickets (id),
	open   BOOLEAN NOT NULL,
	body   TEXT    NOT NULL -- JSON of a desk.Incident
);
CREATE INDEX incidents_open ON incidents (ticket) WHERE open;
