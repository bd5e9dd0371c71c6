"""What this house forbids, beyond what AWS refuses: pure rules, and the policy pack that holds a stack to them."""
