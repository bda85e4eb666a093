"""One module per protocol: how the resources of a source are listed and its bytes are got."""
