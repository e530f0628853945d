"""The listening engine of the studio, in a real browser."""
