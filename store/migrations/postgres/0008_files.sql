-- +goose Up

-- Which file came with which ticket, so that nobody gets another customer's.
CREATE TABLE files (
	sha256 TEXT   NOT NULL,
	ticket BIGINT NOT NULL REFERENCES tickets (id),
	name   TEXT   NOT NULL, -- in lower case
	PRIMARY KEY (sha256, ticket, name)
);
CREATE INDEX files_name ON files (name, ticket);

INSERT INTO files (sha256, ticket, name)
SELECT COALESCE(f ->> 'sha256', ''), e.ticket, lower(COALESCE(f ->> 'filename', ''))
FROM events e, jsonb_array_elements(COALESCE(e.data::jsonb -> 'files', '[]'::jsonb)) f WHERE e.ticket <> 0
ON CONFLICT DO NOTHING;
