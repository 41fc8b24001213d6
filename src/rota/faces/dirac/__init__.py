"""DIRAC's commands over our queue: dsub, dstat … and the dirac-wms-* that people use."""
