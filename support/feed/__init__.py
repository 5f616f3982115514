"""Lists from HR: what columns mean, what each row will do, and how it is written and undone."""
