-- Keeps others from changing tables meanwhile, by a number that nobody else takes, and has a place
-- for the number of the schema. In SQLite, whoever writes is the only one.
SELECT pg_advisory_xact_lock(7164217038882566689);
CREATE TABLE IF NOT EXISTS clipper_schema (version bigint NOT NULL);
