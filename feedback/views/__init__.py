"""Answer a short question by a mail's link or signed in, and read the answers as a manager."""
