"""Every write of this app: enrolments, imports, and the ladder of levels."""
