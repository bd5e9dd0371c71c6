"""Operates a deployed stack: on AWS, or in the simulator."""
