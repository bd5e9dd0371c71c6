"""Moves digests that one stack runs into the next stack's file."""
