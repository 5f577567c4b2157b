"""Fuzzing: mutated files of every format, read by every command that reads files."""
