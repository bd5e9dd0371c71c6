"""House rules: what this repository forbids beyond what AWS refuses, and the policy pack that checks a stack."""
