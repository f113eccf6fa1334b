"""The benchmarks, each against a named peer or limit, measured interleaved in one run."""
