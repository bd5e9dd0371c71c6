"""The simulated cloud: the AWS, Docker and random resource types that the program uses, on the real Pulumi engine."""
