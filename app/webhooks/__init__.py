"""What goes out: messages written, deliveries taken, sent, judged and settled."""
