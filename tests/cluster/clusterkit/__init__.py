"""Kubernetes clusters for tests and for playing; README.md beside this folder tells how to use them."""
