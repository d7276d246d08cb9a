"""Measures czar and its peers. `benchmarks/run` starts it in an environment of its own."""
