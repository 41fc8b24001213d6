"""Tools that drive Slurm, unmodified, driving our commands."""
