"""With real programs of the distribution: sshd, network namespaces."""
