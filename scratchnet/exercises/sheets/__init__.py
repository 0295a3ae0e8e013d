"""The files that learners fill in: a forward pass, what to derive, and a blank."""
