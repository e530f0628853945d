"""The steps, each a file; none is changed once it was in a release."""
