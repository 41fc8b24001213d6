"""Every part × every fault, on real processes, judged by what the jobs themselves wrote."""
