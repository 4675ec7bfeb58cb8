"""Queues that people share: exact mean-value analysis of a closed network, and its fit to recorded loops."""
