"""Cassette: sides planned and made as those of a record are, within what tape holds."""
