"""The job file of wq that the tests share."""

JOB = """\
command: |
    source ~/.bashrc
    OMP_NUM_THREADS=%threads% mpirun -hostfile %hostfile% ./sim
job_name: sim-07
mode: by_node
N: 3
group: [gen4, gen5]
not_group: slow
min_cores: 12
min_mem: 32
priority: high
hostfile: auto
threads: 4
"""
