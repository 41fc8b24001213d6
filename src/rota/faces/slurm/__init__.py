"""Slurm's commands over our queue: sbatch squeue scancel sacct sinfo scontrol srun salloc.

    entry      which command was called; errors and exit codes as Slurm's
    rows       a job or task of ours as Slurm would show it      states   its words
    show       times, sizes, columns                             asking   which rows

Formats, words and exit codes are those of Slurm 22.05.
"""
