"""What the tests of packages share: the packages, and systems to bring them to."""
