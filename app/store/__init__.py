"""What we keep: tables, and the statements that read and write them."""
