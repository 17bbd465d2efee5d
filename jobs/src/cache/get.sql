-- $1: keys. What has not expired of them.
SELECT key, value FROM cache WHERE {is_asked_for} AND expires_at > {now}
