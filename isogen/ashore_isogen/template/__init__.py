"""The lorax template language: parsing to typed commands, and executing them."""
