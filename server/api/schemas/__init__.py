"""JSON shapes that several resources share, and how requests are parsed into types."""
