"""Facts about programs, keyed by value; nothing here changes a program."""
