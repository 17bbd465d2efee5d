-- A part of the queue, in the order of an index, so that no more is read than is answered, and no
-- planner believes that reading the whole table is quicker.
SELECT * FROM (
    SELECT {number} AS part, {columns} FROM clips
    WHERE {condition} AND NOT is_removed AND NOT is_hidden
    ORDER BY {order}, id
    LIMIT {most}
) AS part_{number}
