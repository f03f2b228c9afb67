"""What the pages do, as plain functions: they take the desk, the user and the request's values, and return frozen views."""
