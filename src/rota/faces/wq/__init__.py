"""wq's command over our queue: ``wq sub``, ``ls``, ``stat``, ``users``, ``rm`` …"""
