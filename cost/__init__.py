"""What a deployment costs, estimated from AWS's list prices. No I/O but the price table. docs/cost.md."""
