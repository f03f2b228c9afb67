"""Views to HTML. Every value is escaped; nothing a customer writes is interpreted.

The HTML is shown by Gradio's Markdown component with its own sanitiser on: `gr.HTML` renders its template with
`Function(…)`, which the page's content security policy forbids. What a click means is carried in class names
(`do-adopt--1`), because the sanitiser removes data attributes.
"""
