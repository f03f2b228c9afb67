"""The desk: sign-in and one page a role, served by FastAPI with Gradio. Gradio is imported here alone."""
