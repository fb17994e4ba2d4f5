"""Benchmarks: each runs an anchor and Habilis in one run on one machine, and prints the ratio. Nothing is asserted."""
