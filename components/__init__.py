"""The components of Marginalia on AWS, one ComponentResource per file."""
