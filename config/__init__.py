"""The configuration of the program, validated as a whole before any resource is registered."""
