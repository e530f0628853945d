"""The studio's HTTP API: one file for each part of it."""
