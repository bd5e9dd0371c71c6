"""What a change of the program or of a stack file comes to, in a reviewer's words."""
