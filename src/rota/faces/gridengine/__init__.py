"""Grid Engine's commands over our queue: qsub qstat qdel qacct, as far as clients ask."""
