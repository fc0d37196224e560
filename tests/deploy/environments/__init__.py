"""Environments in which containers and orchestrators run Motte, made of namespaces of the kernel."""
