"""The SDK: ``Client`` in ``rota.client.http``, its twin in ``rota.client.aio``."""
