"""The second Pulumi program: what an account needs before CI deploys a stack to it."""
