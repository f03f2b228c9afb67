"""What an operator gets beside the product: unit, container file, bill of materials, advisories, sizes."""
