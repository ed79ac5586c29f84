"""What this desk knows, durable: messages, facts, drafts and the feed's cursor, in one SQLite file."""
