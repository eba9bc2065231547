-- +goose Up

-- Which file came with which ticket, so that nobody gets another customer's.
CREATE TABLE files (
	sha256 TEXT   NOT NULL,
	ticket BIGINT NOT NULL REFERENCES tickets (id),
	name   TEXT   NOT NULL, -- in lower case
	PRIMARY KEY (sha256, ticket, name)
) WITHOUT ROWID;
CREATE INDEX files_name ON files (name, ticket);

INSERT OR IGNORE INTO files (sha256, ticket, name)
SELECT COALESCE(json_extract(f.value, '$.sha256'), ''), e.ticket, lower(COALESCE(json_extract(f.value, '$.filename'), ''))
FROM events e, json_each(e.data, '$.files') f WHERE e.ticket <> 0;
