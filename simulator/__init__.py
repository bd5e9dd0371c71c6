"""Simulates the AWS, Docker and random resource types that the program uses, for the real Pulumi engine."""
