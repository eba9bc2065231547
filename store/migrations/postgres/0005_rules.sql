-- +goose Up

-- The settings that time is counted by, each version from when it was in force.
CREATE TABLE rules (
	since BIGINT NOT NULL PRIMARY KEY,
	hash  TEXT   NOT NULL,
	body  BYTEA   NOT NULL
);
