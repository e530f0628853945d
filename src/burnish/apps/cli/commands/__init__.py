"""One file a command; each has a function ``command`` with its arguments and options."""
