"""What is timed: each program one text, with the library as its first argument."""
