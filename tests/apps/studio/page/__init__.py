"""The studio's pages in a real browser, against the real server."""
