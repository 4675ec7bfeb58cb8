"""What `import` can take in, one module each: `EXAMPLE`, `add_arguments(parser)` and `run(options) -> exit code`."""
