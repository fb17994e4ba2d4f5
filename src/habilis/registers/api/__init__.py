"""The public API of the registers: reading only, no account. `config.api` serves it with its limits and its cache."""
