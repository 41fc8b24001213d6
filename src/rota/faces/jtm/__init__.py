"""The commands of the JAWS Task Manager over our queue, as Cromwell calls them."""
