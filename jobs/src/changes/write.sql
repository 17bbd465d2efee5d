-- Rows that somebody else has brought up to date meanwhile have not changed any more.
UPDATE {table} {unindexed}
SET {set}
WHERE {among} AND {rows} AND ({changed})
