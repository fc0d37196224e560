"""The description of the API held against the running API, by tools that know neither: `make contract`."""
