"""What a bank's architect does to break the product, counted. `make torture` runs it in full, the tests in short."""
