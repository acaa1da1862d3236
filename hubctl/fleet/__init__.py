"""Clusters, hubs, the files that feed them and in which order; what a file reaches."""
