"""Kernels on arrays: they know samples, rates and numbers, and nothing of files or plans."""
