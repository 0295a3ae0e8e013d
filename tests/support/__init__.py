"""What several test files share, and the tests of the checkers among it."""
