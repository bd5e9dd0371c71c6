"""What ECS expects, as plain values: no Pulumi resource is declared here."""
