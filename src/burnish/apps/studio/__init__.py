"""The studio: burnish in the browser. The store remembers, the server answers, the page shows."""
