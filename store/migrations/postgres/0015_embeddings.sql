-- +goose Up

-- What an embedding model made of texts, by a hash of model and text.
CREATE TABLE kb_embeddings (
	hash   TEXT   NOT NULL PRIMARY KEY,
	bytes  BYTEA  NOT NULL
);
