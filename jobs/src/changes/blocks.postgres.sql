-- $1: table. How many blocks it has; null before PostgreSQL 14, which reads them all to answer for
-- a few.
SELECT CASE
    WHEN current_setting('server_version_num')::integer >= 140000
    THEN pg_relation_size($1::text::regclass) / current_setting('block_size')::bigint
END
