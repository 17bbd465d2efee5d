SELECT coalesce(max(version), 0) FROM clipper_schema
