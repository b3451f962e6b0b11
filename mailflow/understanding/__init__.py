"""What a mail means. Pure: bytes and text in, meaning out."""
