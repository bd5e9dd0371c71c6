"""What Marginalia consists of on AWS: one ComponentResource a file."""
