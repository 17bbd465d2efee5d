DELETE FROM {letters}
