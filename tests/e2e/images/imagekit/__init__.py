"""What the tests of images share: workspaces, bases, programs of others."""
